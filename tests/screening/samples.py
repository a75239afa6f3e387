"""Small lists written by hand in the publishers' formats. The people in them do not exist."""

OFAC_ENTRIES = b"""\
101,"ORLOVSKAYA TRADING CO., LTD.",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"a.k.a. 'OTC'."
102,"DVORNIKOV, Arkady Petrovich","individual","UKRAINE-EO13661] [CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 14 Jun 1975; alt. DOB circa 1976; POB Tomsk, Russia; nationality Russia; citizen Iran; Passport 717 (Russia); a.k.a. 'THE GARD"
103,"SEA LARK","vessel","IRAN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Nationality of Registration Malta."
"""
OFAC_ALIASES = b"""\
101,1,"aka","ORLOVSKAYA TRADE",-0-
102,2,"fka","DWORNIKOW, Arkadij",-0-"""
OFAC_ADDRESSES = b"""\
101,1,"Via Roma 1","Havana","Cuba",-0-
102,2,-0- ,-0- ,-0- ,-0-
"""
OFAC_COMMENTS = b'102,"ENER\'; DOB 1974 to 1975; nationality Korea, North."\n999,"of a later edition"\n\x1a'

UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS><INDIVIDUAL>
  <DATAID>1</DATAID><FIRST_NAME>KARIM</FIRST_NAME><SECOND_NAME>TALBANI</SECOND_NAME><THIRD_NAME>YUSUF</THIRD_NAME>
  <UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE><REFERENCE_NUMBER>XXi.001</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>
  <NAME_ORIGINAL_SCRIPT>كريم طالباني</NAME_ORIGINAL_SCRIPT><COMMENTS1>Remarks.</COMMENTS1>
  <NATIONALITY><VALUE>Iran (Islamic Republic of)</VALUE></NATIONALITY>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Kareem Talbany; K. Talbani</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Abu Samaka</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ADDRESS><CITY>Shiraz</CITY><COUNTRY>Iran</COUNTRY></INDIVIDUAL_ADDRESS>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1978-04-28</DATE></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1966</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1973</FROM_YEAR><TO_YEAR>1974</TO_YEAR>
  </INDIVIDUAL_DATE_OF_BIRTH><INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE/></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_PLACE_OF_BIRTH><CITY>Yazd</CITY><COUNTRY>Iran</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
</INDIVIDUAL></INDIVIDUALS><ENTITIES><ENTITY>
  <DATAID>2</DATAID><FIRST_NAME>SAMAKA FRONT (SF)</FIRST_NAME><REFERENCE_NUMBER>XXe.002</REFERENCE_NUMBER>
  <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Front of Samaka</ALIAS_NAME></ENTITY_ALIAS>
</ENTITY></ENTITIES></CONSOLIDATED_LIST>""".encode()

EU = """<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-03-01T10:15:00.000+01:00" globalFileId="1">
  <sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.1.1" logicalId="1">
    <remark>First remark</remark><remark>Second remark</remark>
    <regulation regulationType="regulation" organisationType="council" publicationDate="2014-03-17"
      entryIntoForceDate="2014-03-18" numberTitle="1/2014 (OJ L1)" programme="UKR" logicalId="1">
      <publicationUrl>https://eur-lex.europa.eu/</publicationUrl></regulation>
    <subjectType code="person" classificationCode="P"/>
    <nameAlias firstName="" middleName="" lastName="" wholeName="Gardener" nameLanguage="" gender="M" strong="false"/>
    <nameAlias firstName="Arkady" middleName="Petrovich" lastName="Dvornikov" wholeName="Arkady Petrovich Dvornikov"
      function="Minister" gender="M" title="" nameLanguage="EN" strong="true" regulationLanguage="en" logicalId="2"/>
    <nameAlias firstName="Аркадий" middleName="" lastName="Дворников" wholeName="" nameLanguage="RU" strong="true"/>
    <citizenship region="" countryIso2Code="RU" countryDescription="RUSSIAN FEDERATION"/>
    <citizenship region="" countryIso2Code="00" countryDescription="UNKNOWN"/>
    <birthdate circa="false" calendarType="GREGORIAN" city="Tomsk" birthdate="1975-06-14" dayOfMonth="14" monthOfYear="6"
      year="1975" place="" region="" countryIso2Code="RU" countryDescription="RUSSIAN FEDERATION"/>
    <birthdate circa="true" calendarType="GREGORIAN" city="" year="1976" countryIso2Code="00"/>
    <birthdate circa="false" calendarType="GREGORIAN" yearRangeFrom="1970" yearRangeTo="1973"/>
    <address city="Omsk" street="Main street 1" poBox="" zipCode="" region="" countryIso2Code="RU"
      countryDescription="RUSSIAN FEDERATION"/>
  </sanctionEntity>
  <sanctionEntity designationDate="2015-01-02" euReferenceNumber="EU.2.2" logicalId="3">
    <subjectType code="enterprise" classificationCode="E"/><nameAlias wholeName="Orlovskaya Trading" strong="true"/>
  </sanctionEntity>
</export>""".encode()
