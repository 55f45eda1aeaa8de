"""Names for invented districts, by group: commoner ones first. Nothing here belongs to a real person."""

from __future__ import annotations

from functools import cache

# How many families of a hundred belong to each group.
GROUPS = {"english": 52, "latin": 26, "accented": 6, "short": 7, "nonlatin": 3, "arabic": 6}
COMPOUND = ("{} {}", "{}-{}", "{} {}", "de la {} {}")
STREET = ("home", "mom", "dad", "parent", "the", "contact", "office", "mail")

_EN = """
Emma Olivia Ava Isabella Sophia Charlotte Mia Amelia Harper Evelyn Abigail Emily Elizabeth Sofia
Ella Madison Scarlett Victoria Aria Grace Chloe Camila Penelope Riley Layla Lillian Nora Zoey Mila
Aubrey Hannah Lily Addison Eleanor Natalie Luna Savannah Brooklyn Leah Zoe Stella Hazel Ellie
Paisley Audrey Skylar Violet Claire Bella Aurora Lucy Anna Samantha Caroline Genesis Aaliyah Kennedy
Kinsley Allison Maya Sarah Madelyn Adeline Alexa Ariana Elena Gabriella Naomi Alice Sadie Hailey Eva
Emilia Autumn Quinn Nevaeh Piper Ruby Serenity Willow Everly Cora Kaylee Lydia Aubree Arianna Eliana
Peyton Melanie Gianna Isabelle Julia Valentina Nova Clara Vivian Reagan Mackenzie Madeline Brielle
Delilah Isla Rylee Katherine Sophie Josephine Ivy Liliana Jade Maria Taylor Hadley Kylie Emery
Adalynn Natalia Annabelle Faith Alexandra Ximena Ashley Brianna Raelynn Bailey Mary Athena Andrea
Leilani Jasmine Lyla Margaret Alyssa Eden Jessica Rebecca Rachel Jennifer Patricia Catherine Theresa
Deborah Christine Kathleen Frances Virginia Susan Liam Noah William James Oliver Benjamin Elijah
Lucas Mason Logan Alexander Ethan Jacob Michael Daniel Henry Jackson Sebastian Aiden Matthew Samuel
David Joseph Carter Owen Wyatt John Jack Luke Jayden Dylan Grayson Levi Isaac Gabriel Julian Mateo
Anthony Jaxon Lincoln Joshua Christopher Andrew Theodore Caleb Ryan Asher Nathan Thomas Leo Isaiah
Charles Josiah Hudson Christian Hunter Connor Eli Ezra Aaron Landon Adrian Jonathan Nolan Jeremiah
Easton Elias Colton Cameron Carson Robert Angel Maverick Nicholas Dominic Jaxson Greyson Adam Ian
Austin Santiago Jordan Cooper Brayden Roman Evan Ezekiel Xavier Jose Jace Jameson Leonardo Bryson
Axel Everett Parker Kayden Miles Sawyer Jason Declan Weston Micah Ayden Wesley Luca Vincent Damian
Zachary Silas Gavin Chase Kai Emmett Harrison Nathaniel Kingston Cole Tyler Bennett Bentley Ryker
Tristan Brandon Kevin Luis George Ashton Rowan Braxton Ryder Gael Ivan Diego Maxwell Max Carlos
Kaiden Juan Maddox Justin Waylon Calvin Giovanni Jonah Abel Jayce Jesus Amir King Beau Camden Alex
Jasper Malachi Brody Jude Blake Emmanuel Eric Brooks Elliot Antonio Abraham Timothy Finn Rhett
Elliott Edward August Richard Stephen Patrick Gregory Peter Kenneth Steven Ronald Raymond Walter
Lawrence Arthur Albert Frederick Leonard Philip Hayden Jamie Marcus Mark
"""
_LA = """
Sofía Valentina Camila Mariana Guadalupe Fernanda Daniela Ximena Alejandra Lucía Gabriela Andrea
Paola Carmen Rosa María Ana Isabel Juana Teresa Esperanza Luz Dolores Pilar Yolanda Marisol Leticia
Verónica Beatriz Graciela Karina Adriana José Juan Luis Carlos Miguel Ángel Jesús Francisco
Alejandro Diego Santiago Mateo Emiliano Leonardo Eduardo Fernando Jorge Ricardo Roberto Javier
Rafael Antonio Manuel Pedro Raúl Sergio Andrés Héctor Óscar Iván Arturo Enrique Gustavo Ramón Rubén
Salvador Martín Joaquín Gerardo Alfredo Ernesto Gilberto Julio César Tomás Esteban Pablo Hugo Mario
Jaime
"""
_FEN = """
Smith Johnson Williams Brown Jones Davis Miller Wilson Moore Taylor Anderson Thomas Jackson White
Harris Martin Thompson Robinson Clark Lewis Lee Walker Hall Allen Young King Wright Scott Green
Baker Adams Nelson Hill Campbell Mitchell Roberts Carter Phillips Evans Turner Parker Collins
Edwards Stewart Morris Rogers Reed Cook Morgan Bell Murphy Bailey Cooper Richardson Cox Howard Ward
Peterson Gray James Watson Brooks Kelly Sanders Price Bennett Wood Barnes Ross Henderson Coleman
Jenkins Perry Powell Long Patterson Hughes Flores Washington Butler Simmons Foster Bryant Alexander
Russell Griffin Hayes Myers Ford Hamilton Graham Sullivan Wallace Woods Cole West Jordan Owens
Reynolds Fisher Ellis Harrison Gibson McDonald Cruz Marshall Gomez Murray Freeman Wells Webb Simpson
Stevens Tucker Porter Hunter Hicks Crawford Henry Boyd Mason Kennedy Warren Dixon Burns Gordon Shaw
Holmes Rice Robertson Hunt Black Daniels Palmer Mills Nichols Grant Knight Ferguson Rose Stone Dunn
Perkins Hudson Spencer Gardner Stephens Payne Pierce Berry Matthews Arnold Wagner Willis Ray Watkins
Olson Carroll Duncan Snyder Hart Cunningham Bradley Lane Andrews Harper Fox Riley Armstrong
Carpenter Weaver Greene Lawrence Elliott Chavez Sims Austin Peters Kelley Franklin Lawson Fields
Ryan Schmidt Carr Wheeler Chapman Oliver Montgomery Richards Williamson Johnston Banks Meyer Bishop
McCoy Howell Morrison Hansen Garza Harvey Little Burton Stanley Nguyen George Jacobs Reid Kim Fuller
Lynch Dean Gilbert Garrett Romero Welch Larson Frazier Burke Hanson Day Moreno Bowman Fowler O'Brien
O'Connor O'Neill
"""
_FLA = """
García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez
Díaz Reyes Morales Cruz Ortiz Gutiérrez Chávez Ramos Ruiz Álvarez Mendoza Vásquez Castillo Jiménez
Moreno Romero Herrera Medina Aguilar Garza Castro Vargas Fernández Guzmán Muñoz Méndez Salazar Soto
Delgado Peña Ríos Alvarado Sandoval Contreras Valdez Guerrero Ortega Estrada Núñez Maldonado Vega
Vázquez Santiago Domínguez Espinoza Silva Padilla Márquez Cortez Rojas Acosta Figueroa Luna Juárez
Navarro Campos Molina Ávila Ayala Mejía Carrillo Durán Santos Salinas Robles Solís Lara Cervantes
Trujillo Pacheco Montoya Fuentes Cárdenas Serrano Miranda Meza Cabrera Villarreal Rosales Velasco
Bautista Escobar Ibarra Zamora
"""
_ACG = """
Zoë Chloé Renée Noël Anaïs Élise Amélie Hélène Jürgen Björn Søren Łukasz Özlem Gülşen Çağla İrem
Nuño Maëlle Thérèse Jérôme François Benoît Åsa Märta Jörg Käthe Zdeněk Jiří Šárka Božena Krzysztof
Małgorzata Światosław André Léa Inès
"""
_ACF = """
Müller Schröder Jönsson Åkesson Nørgaard Łukaszewicz Wiśniewski Dvořák Novák Černý Öztürk Şahin
Çelik Yıldız Lefèvre Bélanger Côté Gagné Désiré Québec Guðmundsson Hlaváček Kovář Bjørnstad
Søndergaard Béland Périer Grönholm Gößmann
"""
_SHG = """
An Bo Li Mei Vy Ai Jin Min Yu Hao Wei Lan Kim Linh Minh Anh Duy Huy Nam Tu My Sun Jun Eun Ha Hoa Thi
Xue Yan Tao Bao Chi Dao Kou Pa Mai See Ka Yer Lee Xia Tou Pao Bee Nou Chue
"""
_SHF = """
Li Wu Ng Le Do Vu Ho Xu Ma Hu He Lu Yu Lo Mo Ko Oh No An Yi Lee Kim Xie Yu Pham Tran Vang Xiong Yang
Thao Her Lor Moua Vue Cha Yan Lin Chu Luo Guo Sun Zhu Gao Tan Lim Ong Nguyen Huynh
"""
_NLG = """
小明 美玲 建国 志强 秀英 伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 超
Иван Мария Дмитрий Ольга Анна Сергей Наталья محمد
فاطمة أحمد عائشة علي زينب يوسف مريم Γιώργος Ελένη Νίκος 지훈 민준 서연 하은 さくら 翔太 陽菜 健
"""
_NLF = """
王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 Иванов Смирнова Кузнецов Попова Соколов Лебедева حسن إبراهيم علي محمود
الخطيب Παπαδόπουλος Νικολάου 김 이 박 최 정 佐藤 鈴木 高橋 田中
"""
_ARG = """
Mohammed Ahmed Fatima Aisha Omar Ali Yusuf Maryam Hassan Hussein Khadija Zainab Ibrahim Abdullah
Amina Layla Nour Salma Bilal Hamza Khalid Mustafa Yasmin Hana Amira Samira Karim Tariq Zayd Idris
Halima Safiya Abdirahman Hodan Ayaan
"""
_ARF = """
Ahmed Ali Hassan Mohamed Ibrahim Hussein Abdi Omar Yusuf Khan Osman Farah Warsame Al-Masri El-Sayed
Haddad Khoury Mansour Nasser Saleh Abdullah Aden Jama Nur Said Rahman Malik Siddiqui Qureshi Hashmi
Bakr Awad Saad Abu-Bakr
"""
_STEMS = """
Ash Beck Birch Black Bram Brook Burn Carl Cliff Clay Cran Dal Dun East Elm Fair Farn Glen Gold Had
Hall Hart Hazel Hol Kirk Lang Lind Marsh Mill Nor Oak Pem Rad Red Rush Shel South Stan Thorn Wal
West Whit Wick Win Wood Yar
"""
_ENDS = """
berg bourne bridge bury by cott croft dale den ell field ford gate ham hill holm hurst land ley low
man mere moor more ridge shaw son stead stein stone thorpe ton vale well wick wood worth
"""


@cache
def _made() -> list[str]:
    """Surnames put together from halves, for the long tail that every district has."""
    return [first + last for last in _ENDS.split() for first in _STEMS.split()]


GIVEN = {
    "english given": _EN.split(),
    "latin given": _LA.split(),
    "accented given": _ACG.split() + _EN.split()[:60],
    "short given": _SHG.split(),
    "nonlatin given": _NLG.split(),
    "arabic given": _ARG.split(),
}
FAMILY = {
    "english family": _FEN.split() + _made(),
    "latin family": _FLA.split(),
    "accented family": _ACF.split(),
    "short family": _SHF.split(),
    "nonlatin family": _NLF.split(),
    "arabic family": _ARF.split(),
}
