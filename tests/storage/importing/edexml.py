"""An EDEXML 2.1 file as a school administration writes it; every child in it is invented.

Its shape follows Edustandaard's EDEXML 2.1 (2017) and the examples in the UWLR 2.2.1 viewer: school, groepen,
leerlingen, leerkrachten; keys that point from a pupil to its groups; tags for what may not be stored.
"""

SCHOOL = """  <school>
    <schooljaar>2026-2027</schooljaar>
    <peildatum>2026-11-10</peildatum>
    <brincode>99XX</brincode>
    <dependancecode>00</dependancecode>
    <aanmaakdatum>2026-11-10T12:12:12</aanmaakdatum>
    <auteur>Administratie</auteur>
    <xsdversie>2.1</xsdversie>
  </school>"""
GROUPS = """  <groepen>
    <groep key="G4"><naam>groep 4</naam><jaargroep>4</jaargroep></groep>
    <groep key="G7"><naam>groep 7, de uilen</naam><jaargroep>7</jaargroep></groep>
    <samengestelde_groep key="S1"><naam>plusgroep</naam></samengestelde_groep>
    <samengestelde_groep key="S2"><naam>koor</naam></samengestelde_groep>
  </groepen>"""
SANNE = """    <leerling key="900001" eckid="https://ketenid.example/1">
      <achternaam>Vries</achternaam>
      <voorvoegsel>de</voorvoegsel>
      <voornamen>Susanna Maria</voornamen>
      <voorletters-1>S.M.</voorletters-1>
      <roepnaam>Sanne</roepnaam>
      <geboortedatum>2017-05-03</geboortedatum>
      <geslacht>2</geslacht>
      <jaargroep>4</jaargroep>
      <land>NL</land>
      <bsn>123456782</bsn>
      <postcodenl>3511AB</postcodenl>
      <instroomdatum>2021-05-03</instroomdatum>
      <groep key="G4"/>
      <samengestelde_groepen>
        <samengestelde_groep key="S1"/>
        <samengestelde_groep key="S2"/>
      </samengestelde_groepen>
      <gebruikersnaam>sanne.devries</gebruikersnaam>
      <emailadres>ouders.sanne@example.org</emailadres>
      <fotourl>https://fotos.example/900001.jpg</fotourl>
      <mutatiedatum>2026-11-01T00:00:00</mutatiedatum>
    </leerling>"""
OLIVIER = """    <leerling key="900002">
      <achternaam>Çelik &amp; Zonen</achternaam>
      <roepnaam>Olivier</roepnaam>
      <geboortedatum>2014-02-01</geboortedatum>
      <geslacht>1</geslacht>
      <jaargroep>7</jaargroep>
      <onderwijsnummer>100200300</onderwijsnummer>
      <postcodenl>3515IJ</postcodenl>
      <groep key="G7"/>
    </leerling>"""
TEACHERS = """  <leerkrachten>
    <leerkracht key="L1">
      <achternaam>Noor</achternaam>
      <roepnaam>Juf</roepnaam>
      <emailadres>noor@regenboog.example</emailadres>
      <groepen><groep key="G4"/></groepen>
    </leerkracht>
  </leerkrachten>"""


def edexml(*pupils: str, groups: str = GROUPS, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    """A file of these pupils; without any, of Sanne and Olivier."""
    listed = "\n".join(pupils or (SANNE, OLIVIER))
    return f"{head}\n<EDEX>\n{SCHOOL}\n{groups}\n  <leerlingen>\n{listed}\n  </leerlingen>\n{TEACHERS}\n</EDEX>\n"
