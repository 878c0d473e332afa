"""Names that are as common as ordinary words, so that their frequency does not tell them from those."""

_PLACES = """
africa america amsterdam arizona asia atlanta atlantic australia austria barcelona belgium berlin birmingham boston brazil
britain brooklyn brussels california cambridge canada carolina chelsea chicago chile china colombia colorado columbia
connecticut cuba dallas delhi denmark denver detroit dublin edinburgh egypt england europe finland florida france georgia
germany glasgow greece hawaii hollywood houston hungary iceland illinois india indiana indonesia iowa iran iraq ireland israel
istanbul italy jamaica japan jersey jerusalem jordan kansas kentucky kenya korea lebanon leeds libya liverpool london louisiana
madrid malaysia manchester maryland massachusetts melbourne mexico miami michigan milan minnesota mississippi missouri montreal
moscow mumbai munich nebraska nepal netherlands nevada nigeria normandy norway ohio oklahoma oregon orlando oxford pacific
pakistan palestine paris pennsylvania philadelphia philippines phoenix pittsburgh poland portland portugal prague quebec rome
russia scotland seattle seoul shanghai singapore spain stockholm sweden switzerland sydney syria taiwan tennessee texas thailand
tokyo toronto turkey ukraine utah vancouver vegas venice vermont vienna vietnam virginia wales washington wisconsin yemen york
yorkshire zealand zurich
"""
_PEOPLES = """
african american americans arab arabic australian british canadian catholic chinese christian christians dutch egyptian english
european french german germans greek indian indians irish islamic israeli italian japanese jewish jews korean latin mexican
muslim muslims palestinian persian polish portuguese roman romans russian russians scottish soviet spanish swedish swiss turkish
victorian welsh
"""
_PEOPLE = """
aaron adam adams adrian alan albert alex alexander alfred alice allen amanda amy anderson andrea andrew andy angela anna anne
anthony anton antonio arnold arthur ashley austin baker banning barbara barry bell ben benjamin bernard beth betty bill billy
bob bobby brad bradley brandon brian brooks brown browning bruce bryan butler caleb campbell carl carlos carol caroline carter
charles charlie charlotte chris christian christina christine christopher claire clara clark claude clinton colin collins cooper
craig crawford cruz dan daniel danny dave david davis dean dennis derek diana diego don donald donna douglas downing duke dylan
earl eddie edward edwards elena eli elizabeth ella ellen elliott emily emma eric erik ernest ethan eva evans fernando fielding
fisher florence ford foster francis francisco frank franklin fred frederick freeman gabriel gary george golding gordon grace
graham grant greg gregory hamilton hannah harding harold harris harrison harry harvey heather helen henry howard hudson hugh
hughes hunter ian ibrahim isaac isabella jack jackson jacob jake james jamie jan jane janet jason jay jean jeff jefferson
jeffrey jennifer jenny jeremy jerry jesse jessica jesus jim jimmy joan joe joel johann john johnny johnson jon jonathan jones
jordan jorge jose joseph josh joshua juan julia julian julie justin karen karl kate katherine katie kay keating keith kelly ken
kennedy kenneth kevin khan kim king kyle larry laura lauren lawrence lee leo leon leonard leonardo lewis lincoln linda lisa
logan louis louise lucas lucy luis luke lynn madison marco marcus margaret maria marie marilyn mario marion mark marshall martha
martin marvin mary mason matt matthew maurice max maxwell megan melissa michael michelle miguel mike miles miller mitchell
mohammed molly morgan morris moses muhammad murphy murray nancy napoleon nathan neil nelson newman newton nicholas nick nicole
nixon noah norman obama oliver olivia oscar owen pablo parker patricia patrick paul paula pedro perry peter phil philip phillips
pierre powell putin rachel ralph randy ray raymond reagan rebecca redding reed richard richardson rick robert roberts robin
robinson rodriguez roger rogers ron ronald roosevelt rose ross roy russell ruth ryan sally salman sam samantha samuel sandra
sara sarah scott sean sebastian seth shakespeare shane shaw simon simpson smith sofia sophie stanley stella stephanie stephen
sterling steve steven stewart stuart sullivan susan taylor ted teresa terry theodore theresa thomas thompson tim timothy todd
tom tommy tony tracy trump turner tyler victor victoria vincent walker wallace walter warren wayne wells william williams willie
wilson wright zoe
"""
_TIMES = """
april august christmas december easter february friday january july june march monday november october ramadan saturday
september sunday thursday tuesday wednesday
"""
_MAKERS = (
    "amazon apple bbc disney facebook google instagram microsoft netflix samsung sony tesla toyota twitter wikipedia youtube"
)
_GERMAN = """
afrika amerika andreas anna asien australien bach bayern beethoven belgien berlin bernd bismarck bonn bremen china christian
claudia daniel deutschland dezember dienstag donnerstag dresden düsseldorf einstein england ernst europa facebook februar frank
frankfurt frankreich franz freitag friedrich georg goethe google griechenland günter hamburg hannover hans heinrich helmut
hessen hitler indien irak iran israel italien jan januar japan johann johannes josef juli julia juni jürgen kanada kant karl
katharina klaus kohl köln leipzig london ludwig luther mai maria marie martin marx mayer meier merkel mexiko michael mittwoch
montag moskau mozart müller münchen niedersachsen nürnberg oktober otto paris paul peter polen potsdam preußen richard robert
rom russland sabine sachsen samstag schmidt schneider schröder schulz schweden schweiz sebastian sonntag spanien stefan stephan
stuttgart susanne thomas thüringen tokio türkei ukraine ulrich ungarn ursula usa walter weber werner wien wilhelm wolfgang
zürich österreich
"""

COMMON_NAMES = frozenset(f"{_PLACES} {_PEOPLES} {_PEOPLE} {_TIMES} {_MAKERS} {_GERMAN}".split())
