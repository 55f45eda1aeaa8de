@echo off
rem Start RosterDesk on the sample district, or with the arguments that are given: start.cmd read users.csv
rem All set-up is done the first time (resources\prepare.py) and skipped later.
setlocal
set "CHECK=import sys; sys.exit(sys.version_info < (3, 11))"
set "VENV=%~dp0..\.venv\Scripts\python.exe"
set "PY="
if exist "%VENV%" "%VENV%" -c "%CHECK%" >nul 2>nul && set PY="%VENV%"
if not defined PY py -3 -c "%CHECK%" >nul 2>nul && set PY=py -3
if not defined PY python -c "%CHECK%" >nul 2>nul && set PY=python
if not defined PY (
    echo RosterDesk needs Python 3.11 or newer, and none was found here. Get it from python.org/downloads. 1>&2
    exit /b 1
)
%PY% "%~dp0prepare.py" start %*
exit /b %ERRORLEVEL%
