"""The words of the sample corpus: English nouns, adjectives and verbs with their French translations, as tables and as
objects.

Tags restrict which words combine: an adjective modifies the nouns with which it shares a tag, and a verb selects its
subjects and objects by tag, so that people read books and houses do not sing.
"""

from dataclasses import dataclass


@dataclass(eq=False)
class Noun:
    tags: frozenset
    en: tuple  # singular and plural; only the singular if the noun is uncountable
    fr: tuple
    feminine: bool
    links: str = ""  # "English word-French word", if not word for word or all to all

    def countable(self):
        return len(self.en) == 2


# The English words have British spelling, as in the files of the corpus.
# tags | English [/ plural] | gender French [/ plural] | links; "/ -": no plural
NOUNS = """
person | man / men | m homme
person | woman / women | f femme
person young | boy | m garçon
person young | girl | f fille
person young | child / children | m enfant
person job mine | teacher | m professeur
person job mine | doctor | m médecin
person job | student | m étudiant
person job | baker | m boulanger
person job | farmer | m fermier
person | king | m roi
person | queen | f reine
person job | actor | m acteur
person job | actress | f actrice
person job | waiter | m serveur
person job | waitress | f serveuse
person job | nurse | f infirmière
person job | singer | f chanteuse
person job | policeman / policemen | m policier
person job mine | lawyer | m avocat
person job | engineer | m ingénieur
person | tourist | m touriste
person | hero / heroes | m héros
kin | mother / - | f mère
kin | father / - | m père
kin | brother | m frère
kin | sister | f sœur
kin | son | m fils
kin | daughter | f fille
kin | uncle | m oncle
kin | aunt | f tante
kin | friend | m ami
kin | neighbour | m voisin
kin | grandmother / - | f grand-mère

animal pet mine hunter | dog | m chien
animal pet mine hunter | cat | m chat
animal big mine | horse | m cheval / chevaux
animal small prey | bird | m oiseau
animal big mine | cow | f vache
animal pet mine prey | rabbit | m lapin
animal small prey | mouse / mice | f souris
animal small hunter | owl | m hibou
animal wild hunter | lion | m lion
animal wild hunter | bear | m ours
animal wild hunter | wolf / wolves | m loup
animal wild prey | monkey | m singe
animal wild | elephant | m éléphant
animal pet mine prey | hamster | m hamster

food fruit | apple | f pomme
food fruit | pear | f poire
food fruit | orange | f orange
food fruit | strawberry | f fraise
food fruit | tomato / tomatoes | f tomate
food staple | egg | m œuf
food staple | potato / potatoes | f pomme de terre / pommes de terre
food staple | bean | m haricot
food dish | cake | m gâteau
food dish | chocolate cake | m gâteau au chocolat / gâteaux au chocolat | 0-1 0-2 1-0
food dish | cheese sandwich / cheese sandwiches | m sandwich au fromage / sandwichs au fromage | 0-1 0-2 1-0
food feed | bread / - | m pain
food feed | meat / - | f viande
food feed | cheese / - | m fromage
food staple | rice / - | m riz
food dish | soup / - | f soupe
food dish | tomato soup / - | f soupe à la tomate | 0-1 0-2 0-3 1-0
drink lap | water / - | f eau
drink lap | milk / - | m lait
drink hot | coffee / - | m café
drink hot | tea / - | m thé
drink wine | wine / - | m vin
drink | apple juice / - | m jus de pomme | 0-1 0-2 1-0
drink | orange juice / - | m jus de orange | 0-1 0-2 1-0
cup | cup of coffee / cups of coffee | f tasse de café / tasses de café
cup | cup of tea / cups of tea | f tasse de thé / tasses de thé
cup | glass of water / glasses of water | m verre de eau / verres de eau
cup | glass of wine / glasses of wine | m verre de vin / verres de vin

text read thing mine | book | m livre
text thing mine letter | letter | f lettre
read thing | newspaper | m journal / journaux
text poem | poem | m poème
text read | novel | m roman
text read story | story | f histoire
read thing mine | history book | m livre de histoire / livres de histoire | 0-1 0-2 1-0
show film | film | m film
show mine | picture | m tableau
show mine thing | photo | f photo

vehicle motor tint mine | car | f voiture
vehicle tint mine | bicycle | m vélo
vehicle motor transport tint | bus | m bus
vehicle tint mine | boat | m bateau
vehicle motor tint mine | truck | m camion
vehicle motor | police car | f voiture de police / voitures de police | 0-1 0-2 1-0
transport | train | m train
transport | plane | m avion

clothes tint mine leather | jacket | f veste
clothes tint mine | shirt | f chemise
clothes tint mine leather | hat | m chapeau
clothes tint mine leather | coat | m manteau
clothes tint mine | tie | f cravate
clothes tint mine | scarf / scarves | f écharpe

thing opens container tint mine load leather | bag | m sac
thing opens container tint mine load | box | f boîte
thing mine | key | f clé
thing tint mine | umbrella | m parapluie
thing mine device | phone | m téléphone
thing mine device | camera | m appareil photo / appareils photo
thing mine device load | computer | m ordinateur
thing present tint mine | toy | m jouet
thing present | gift | m cadeau
furniture tint mine load | table | f table
furniture tint mine load | chair | f chaise
furniture mine | bed | m lit
mine fragile device | lamp | f lampe
mine fragile device | clock | f horloge
mine fragile device | mirror | m miroir
goods flower | flower | f fleur
tree | tree | m arbre
opens part tint | door | f porte
opens part fragile | window | f fenêtre

in building mine home | house | f maison
in building home | castle | m château
in room mine | kitchen | f cuisine
in room mine | living room | m salon
in room mine | bedroom | f chambre
in outdoors mine | garden | m jardin
in outdoors quiet home | village | m village
in outdoors quiet risky | street | f rue
in outdoors risky | forest | f forêt
in outdoors quiet | park | m parc
on outdoors quiet | beach | f plage
at building | school | f école
at building | hospital | m hôpital / hôpitaux
at building home | hotel | m hôtel
at | market | m marché
at building | church | f église
at building sight | museum | m musée
at building | station | f gare
at building | library | f bibliothèque
at building | restaurant | m restaurant
at | airport | m aéroport
at | swimming pool | f piscine
"""
NAMES = {"paul": False, "pierre": False, "thomas": False, "louis": False,
         "marie": True, "julie": True, "anna": True, "emma": True}  # feminine?
TOWNS = {"paris": "paris", "london": "londres", "rome": "rome"}
COUNTRIES = {"france": "france", "italy": "italie", "spain": "espagne"}
GAMES = {"football": "football", "tennis": "tennis"}
INSTRUMENTS = {"piano": ("piano", False), "guitar": ("guitare", True)}


def english_s(word):
    """Returns the plural of a noun, or the third person of a verb."""
    if word.endswith(("s", "x", "ch", "sh", "go")):
        return word + "es"
    return word[:-1] + "ies" if word[-1] == "y" and word[-2] not in "aeiou" else word + "s"


def french_plural(word):
    return word if word[-1] in "sxz" else word + ("x" if word.endswith(("eau", "ou")) else "s")


def fields(table):
    """Returns rows of trimmed cells."""
    return [[cell.strip() for cell in line.split("|")] for line in table.splitlines() if line]


def parse_noun(tags, english, french, links=""):
    gender, french = french.split(" ", 1)
    en, _, en_plural = english.partition(" / ")
    fr, _, fr_plural = french.partition(" / ")
    tags = set(tags.split())
    if tags & {"person", "kin"}:
        tags.add("human")
    if en_plural == "-":
        return Noun(frozenset(tags), (en,), (fr,), gender == "f", links)
    plurals = en_plural or english_s(en), fr_plural or french_plural(fr)
    return Noun(frozenset(tags), (en, plurals[0]), (fr, plurals[1]), gender == "f", links)


LEXICON = [parse_noun(*cells) for cells in fields(NOUNS)]


def nouns(tags):
    """Returns the nouns that have one of the tags."""
    return [noun for noun in LEXICON if noun.tags & set(tags.split())]


def noun_named(english):
    return next(noun for noun in LEXICON if noun.en[0] == english)


@dataclass
class Adjective:
    en: str
    comparative: str  # "" if it is not used
    masculine: str
    before_vowel: str  # vieil, bel, nouvel
    feminine: str
    place: set
    tags: frozenset
    predicate_tags: frozenset
    meaning: str  # adjectives of one meaning do not modify the same noun

    def form(self, feminine, plural):
        word = self.feminine if feminine else self.masculine
        return french_plural(word) if plural and self.meaning != "matter" else word

    def invariable(self):
        return self.masculine == self.feminine


# English [/ comparative] | French masculine[/before vowel] [feminine] | before or after its noun in French; near: next
# to its noun in English; only: not as a predicate | tags, =tag: only as a predicate | meaning
ADJECTIVES = """
big / bigger | grand | before | building vehicle furniture animal room opens tree =clothes | size
tall / taller | grand | before | person =kin =name | size
small / smaller | petit | before | building vehicle furniture animal room thing clothes outdoors | size
old / older | vieux/vieil vieille | before | person animal building vehicle furniture clothes tree =kin =name | age
young / younger | jeune | before | person animal =kin =name | age
beautiful / more beautiful | beau/bel belle | before | building animal flower clothes show room outdoors sight tree | looks
new | nouveau/nouvel nouvelle | before only | vehicle clothes device read show job | age
good | bon bonne | before | dish job show | worth
bad | mauvais | before | read poem film | worth
long / longer | long longue | before | text film | size
pretty | joli | before | clothes flower photo | looks
kind | gentil gentille | before | job pet kin =person =name | worth
red | rouge | after near | tint flower | color
black | noir | after near | tint pet | color
white | blanc blanche | after near | tint pet big flower building | color
green | vert | after near | tint | color
blue | bleu | after near | tint | color
yellow | jaune | after near | tint flower | color
grey | gris | after near | tint pet small | color
expensive / more expensive | cher chère | after | vehicle clothes device | cost
heavy / heavier | lourd | after | load | weight
empty | vide | after near | building room container | content
dirty | sale | after | vehicle clothes room part | dirt
clean | propre | after | vehicle clothes room part | dirt
broken | cassé | after | fragile device furniture | dirt
modern / more modern | moderne | after near | building vehicle | age
rich / richer | riche | after | person =kin =name | money
famous / more famous | célèbre | after | person kin sight =name | money
intelligent / more intelligent | intelligent | after | person animal =kin =name | mind
lazy | paresseux paresseuse | after | person pet =kin =name | mind
tired | fatigué | after | person =animal =kin =name | mood
happy / happier | heureux heureuse | after | person =kin =name | mood
sad | triste | after | person =kin =name | mood
sick | malade | after | person animal =kin =name | mood
strong / stronger | fort | after | =person =kin =big =wild =name | body
dangerous / more dangerous | dangereux dangereuse | after | wild risky | mind
interesting / more interesting | intéressant | after | text show sight | mind
boring | ennuyeux ennuyeuse | after | text film | mind
french | français | after near | job vehicle text show wine | origin
english | anglais | after near | job vehicle text show | origin
italian | italien italienne | after near | job vehicle text show clothes | origin
hot | chaud | after | hot =dish | heat
cold | froid | after | hot lap =dish | heat
fresh | frais fraîche | after | fruit feed | heat
delicious | délicieux délicieuse | after | fruit dish =feed | worth
quiet | calme | after near | quiet | mood
wooden | en bois | after near only | furniture part | matter
leather | en cuir | after near only | leather | matter
"""


def parse_adjective(english, french, place, tags, meaning):
    en, _, comparative = english.partition(" / ")
    masculine, _, feminine = (french, "", french) if french.startswith("en ") else french.partition(" ")
    masculine, _, before_vowel = masculine.partition("/")
    feminine = feminine or (masculine if masculine[-1] == "e" else masculine + "e")
    attributive = {tag for tag in tags.split() if tag[0] != "="}
    return Adjective(en, comparative, masculine, before_vowel, feminine, set(place.split()), frozenset(attributive),
                     frozenset(attributive | {tag.strip("=") for tag in tags.split()}), meaning)


ADJECTIVE_LIST = [parse_adjective(*cells) for cells in fields(ADJECTIVES)]


@dataclass(eq=False)
class Verb:
    base: str
    past: str  # "" if it is not used
    ing: str
    particle: str
    infinitive: str
    present: dict  # by person: il and ils; for common verbs also je, nous, vous
    participle: str
    governs: str  # the preposition before its object or infinitive, after a noun in "besoin de"
    uses: str
    frames: list  # (tag of the subject, tags of the object)

    def third(self):
        return "has" if self.base == "have" else english_s(self.base)


# English base [past [-ing]] [+ particle] | French infinitive [il ils participle je nous vous] [+ preposition] | uses |
# frames. Forms not given are regular, or not used ("-").
# Uses: p progressive, h habit, t past, s state (simple present), i infinitive, o people as object pronouns,
# e être in the past, c common: all persons in the present. Frames: subject tag > object tags; several with ";".
VERBS = """
eat ate | manger mange mangent mangé | phti | human > food staple staple fruit dish feed; pet > feed; big > fruit
drink drank | boire boit boivent bu | phti | human > drink cup; pet > lap
read - | lire lit lisent lu | phi | human > read letter poem
write wrote | écrire écrit écrivent écrit | phti | human > text
buy bought | acheter achète achètent acheté | pti | human > food staple staple drink clothes vehicle device read flower furniture present
sell sold | vendre vend vendent vendu | pti | human > food staple staple clothes vehicle device read flower present
see saw | voir voit voient vu vois voyons voyez | stioc | human > animal vehicle transport person building tree; animal > animal
watch | regarder | ptio | human > show animal person
look + for | chercher | ptio | human > thing clothes pet present
find found | trouver | ti | human > thing clothes pet
lose lost losing | perdre perd perdent perdu | t | human > thing clothes
open | ouvrir ouvre ouvrent ouvert | pti | human > opens letter
close | fermer | pti | human > opens part
wear - | porter | phi | human > clothes
carry | porter | pti | human > load
wash | laver | pti | human > vehicle clothes fruit part
clean | nettoyer nettoie nettoient nettoyé | phti | human > room part furniture
break broke | casser | t | human > fragile device
paint | peindre peint peignent peint | pti | human > part furniture flower tree
know - | connaître connaît connaissent connu connais connaissons connaissez | soc | human > person sight
wait + for | attendre attend attendent attendu | ptio | human > transport person kin
help | aider | phtio | human > person kin
invite | inviter | ptio | human > person kin
visit | visiter | pti | human > sight building home
chase | poursuivre poursuit poursuivent poursuivi | pt | hunter > prey
drive drove | conduire conduit conduisent conduit | phti | human > motor
repair | réparer | pti | human > vehicle device furniture
choose chose | choisir choisit choisissent choisi | pti | human > clothes vehicle show flower dish
take took | prendre prend prennent pris | pti | human > transport thing
like - | aimer | soc | human > food staple staple drink animal show clothes person; pet > feed
love - | adorer | soc | human > food drink animal show clothes person
need - | avoir a ont eu ai avons avez + besoin de | sc | human > thing clothes vehicle drink
have - | avoir a ont eu ai avons avez | sc | human > pet vehicle thing furniture fragile
give gave | donner | pti | human > thing present flower clothes
show | montrer | pti | human > thing present show clothes
send sent | envoyer envoie envoient envoyé | pti | human > thing present flower letter
lend lent | prêter | pti | human > thing vehicle clothes
tell told | raconter | phti | human > story
speak spoke + to | parler + à | phti | human > person kin
answer | répondre répond répondent répondu + à | pti | human > person kin
sleep slept | dormir dort dorment dormi | phti | human; animal
sing sang | chanter | phti | human
dance | danser | phti | human
work | travailler | phti | human
run ran running | courir court courent couru | phti | human; animal
laugh | rire rit rient ri | phti | human
cry | pleurer | phti | human
swim swam swimming | nager | phti | human
walk | marcher | phti | human; animal
cook | cuisiner | phti | human
play | jouer | phti | human
live - living | habiter | s | human
go went | aller va vont allé vais allons allez | phtiec | human
come - | venir vient viennent venu | s | human
arrive | arriver | pte | human
leave left | partir part partent parti | ptie | human
stay | rester | ptie | human; pet
fall fell | tomber | te | human; pet
want - + to | vouloir veut veulent voulu veux voulons voulez | sc |
can - | pouvoir peut peuvent pu peux pouvons pouvez | sc |
must - | devoir doit doivent dû dois devons devez | sc |
try + to | essayer essaie essaient essayé essaie essayons essayez + de | pt |
begin began beginning + to | commencer commence commencent commencé + à | pt |
think - | penser | sc |
say - | dire dit disent dit dis disons dites | sc |
know - | savoir sait savent su sais savons savez | sc |
"""


def english_forms(text):
    words, _, particle = text.partition(" + ")
    base, *given = words.split()
    stem = base[:-1] if base[-1] == "e" else base
    regular = stem[:-1] + "ied" if stem[-1] == "y" and stem[-2] not in "aeiou" else stem + "ed"
    past = (given[0] if given else regular).strip("-")
    return base, past, given[1] if len(given) > 1 else stem + "ing", particle


def french_forms(text, common):
    words, _, governs = text.partition(" + ")
    infinitive, *given = words.split()
    stem = infinitive[:-2]
    given = given or [stem + ending for ending in ("e", "ent", "é", "e", "ons", "ez")]
    persons = ("il", "ils", None, "je", "nous", "vous") if common else ("il", "ils")
    present = {person: form for person, form in zip(persons, given) if person}
    return infinitive, present, given[2], governs


def parse_verb(english, french, uses, frames):
    pairs = [(frame + ">").split(">")[:2] for frame in frames.split(";") if frame]
    return Verb(*english_forms(english), *french_forms(french, "c" in uses), uses,
                [(subject.strip(), objects.strip()) for subject, objects in pairs])


VERB_LIST = [parse_verb(*cells) for cells in fields(VERBS)]


def verb_named(base, infinitive=""):
    return next(verb for verb in VERB_LIST if verb.base == base and infinitive in ("", verb.infinitive))
