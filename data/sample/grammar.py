"""The grammar of the sample corpus. It builds an English sentence and its French translation together, so that every
French word records the English words that it translates. Spelling across words (elision, contraction, "an") comes last.
"""

from dataclasses import dataclass, field, replace

from lexicon import (ADJECTIVE_LIST, COUNTRIES, GAMES, INSTRUMENTS, NAMES, TOWNS, VERB_LIST, Noun, Verb, noun_named,
                     nouns, verb_named)


class Rejected(Exception):
    """The choices so far leave no sensible sentence."""


# ------------------------------------------------------------------------------------------ words and phrases

ELIDED = {"le": "l'", "la": "l'", "je": "j'", "me": "m'", "ne": "n'", "de": "d'", "que": "qu'",
          "ce": "cet", "ma": "mon", "sa": "son"}
CONTRACTED = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
ASPIRATED = ("hamster", "haricot", "héros", "hibou")


class English:
    def __init__(self, word):
        self.word = word


class French:
    """A word and the English words that it translates. Only articles contract: "à la voir", "à le voir", but "au"."""

    def __init__(self, word, *sources, before_vowel=None, article=False):
        self.word = word
        self.sources = list(sources)
        self.before_vowel = before_vowel or ELIDED.get(word)
        self.article = article


@dataclass
class Phrase:
    en: list = field(default_factory=list)
    fr: list = field(default_factory=list)

    def __add__(self, other):
        return Phrase(self.en + other.en, self.fr + other.fr)


def phrase(en, fr, links=""):
    """Returns a phrase with `links` as in test.align. Without links, it is linked word for word, or all to all if one
    side is a single word."""
    words, translations = [English(word) for word in en.split()], [French(word) for word in fr.split()]
    m, n = len(words), len(translations)
    assert links or m == n or 1 in (m, n), (en, fr)
    if links:
        pairs = [map(int, link.split("-")) for link in links.split()]
    else:
        pairs = [(i, i) for i in range(m)] if m == n else [(i, j) for i in range(m) for j in range(n)]
    for i, j in pairs:
        translations[j].sources.append(words[i])
    return Phrase(words, translations)


def starts_with_vowel(word):
    return word[0] in "aàâeéèêiîoôuyœ" or (word[0] == "h" and not word.startswith(ASPIRATED))


def spell_french(words):
    """Applies elision, from the right because a form depends on the form of the next word, and then contraction."""
    for word, following in reversed(list(zip(words, words[1:]))):
        if word.before_vowel and starts_with_vowel(following.word):
            word.word = word.before_vowel
    spelled = []
    for word in words:
        contracted = CONTRACTED.get((spelled[-1].word, word.word)) if spelled and word.article else None
        if contracted:
            spelled[-1] = French(contracted, *spelled[-1].sources, *word.sources)
        else:
            spelled.append(word)
    return spelled


def spell_english(words):
    for word, following in zip(words, words[1:]):
        if word.word == "a" and following.word[0] in "aeiou":
            word.word = "an"
    return words


def lines(sentence):
    """Returns English, French and alignment as lines of text."""
    english, french = spell_english(sentence.en), spell_french(sentence.fr)
    position = {word: i for i, word in enumerate(english)}
    links = sorted({(position[source], j) for j, word in enumerate(french) for source in word.sources})
    return (" ".join(word.word for word in english), " ".join(word.word for word in french),
            " ".join(f"{i}-{j}" for i, j in links))


# ------------------------------------------------------------------------------------------------ noun phrases

POSSESSIVES = {"my": ("mon", "ma", "mes"), "your": ("votre", "votre", "vos"), "our": ("notre", "notre", "nos"),
               "his": ("son", "sa", "ses"), "her": ("son", "sa", "ses"), "its": ("son", "sa", "ses"),
               "their": ("leur", "leur", "leurs")}
NUMBERS = {"two": "deux", "three": "trois", "four": "quatre", "five": "cinq", "six": "six", "ten": "dix"}
PRONOUNS = {"he": ("il", "il"), "she": ("il", "elle"), "i": ("je", "je"), "you": ("vous", "vous"),
            "we": ("nous", "nous")}  # person, French
NAME = frozenset({"human", "name"})


@dataclass
class NounPhrase(Phrase):
    person: str = "il"  # a key of Verb.present
    feminine: bool = False
    plural: bool = False
    noun: Noun = None
    tags: frozenset = frozenset()
    kind: str = ""  # its determiner
    meanings: frozenset = frozenset()  # of its adjectives

    def is_third(self):
        return self.person in ("il", "ils")

    def is_human(self):
        return "human" in self.tags


def article(feminine, plural, *sources):
    return French("les" if plural else "la" if feminine else "le", *sources, article=True)


def agreeing(forms, feminine, plural):
    return forms[2] if plural else forms[1] if feminine else forms[0]


def indefinite_article(english, noun, plural, negated, before_adjective):
    """Returns un, une, des, du, de la; "de" in a negated clause and instead of "des" before an adjective."""
    if negated or (plural and before_adjective):
        return [French("de", *english)]
    if plural:
        return [French("des", *english)]
    if noun.countable():
        return [French("une" if noun.feminine else "un", *english)]
    return [French("de", *english), article(noun.feminine, False, *english)]


def determiner(kind, head, noun, plural, negated, before_adjective):
    """Returns English and French words. An article that English omits ("bare", "generic") is linked to the noun."""
    english = [English(word) for word in kind.split()] if kind not in ("bare", "generic") else []
    sources = english or [head]
    feminine = noun.feminine
    if kind in ("a", "some", "any", "no", "bare"):
        return english, indefinite_article(sources, noun, plural, negated, before_adjective)
    if kind in ("the", "generic"):
        return english, [article(feminine, plural, *sources)]
    if kind == "all the":
        return english, [French("toutes" if feminine else "tous", sources[0]), article(feminine, True, sources[1])]
    if kind in ("this", "these"):
        return english, [French(agreeing(("ce", "cette", "ces"), feminine, plural), *sources)]
    if kind == "many":
        return english, [French("beaucoup", *sources), French("de", *sources)]
    if kind in POSSESSIVES:
        return english, [French(agreeing(POSSESSIVES[kind], feminine, plural), *sources)]
    return english, [French({"every": "chaque", "several": "plusieurs", **NUMBERS}[kind], *sources)]


def adjective_phrase(adjective, feminine, plural):
    """Returns one English word and one French word, or "en" and a material."""
    before_vowel = None if feminine or plural else adjective.before_vowel
    source = English(adjective.en)
    return Phrase([source], [French(word, source, before_vowel=before_vowel)
                             for word in adjective.form(feminine, plural).split()])


def noun_phrase(noun, plural, kind, adjectives=(), owner=None, negated=False):
    """Returns a noun phrase. `kind` is the English determiner, or "bare", "generic", "owned" (the owner and 's)."""
    words = phrase(noun.en[plural], noun.fr[plural], noun.links)
    first = sum((adjective_phrase(a, noun.feminine, plural) for a in adjectives if "before" in a.place), Phrase())
    last = sum((adjective_phrase(a, noun.feminine, plural) for a in adjectives if "after" in a.place), Phrase())
    after = []
    if kind == "owned":
        s = English("'s")
        front, article_words = owner.en + [s], [article(noun.feminine, plural, s)]
        after = [French("de", s)] + owner.fr
    else:
        head = words.en[0] if "cup" in noun.tags else words.en[-1]
        front, article_words = determiner(kind, head, noun, plural, negated, bool(first.fr))
    return NounPhrase(front + first.en + last.en + words.en, article_words + first.fr + words.fr + last.fr + after,
                      "ils" if plural else "il", noun.feminine, plural, noun, noun.tags, kind,
                      frozenset(a.meaning for a in adjectives))


def pick_adjectives(dice, noun, percent=60):
    """Picks no adjective, one, or one on each side of the French noun. None follows a French noun of several words."""
    fitting = [a for a in ADJECTIVE_LIST if a.tags & noun.tags]
    before = [a for a in fitting if "before" in a.place]
    after = [a for a in fitting if "after" in a.place] if " de " not in noun.fr[0] and not noun.links else []
    after += [a for a in after if a.meaning == "matter"] * 2
    near = [a for a in after if "near" in a.place]
    if not before + after or not dice.chance(percent):
        return []
    if before and near and dice.chance(25):
        return [dice.pick(before), dice.pick(near)]
    return [dice.pick(before if before and (not after or dice.chance(42)) else after)]


def name(word):
    source = English(word)
    return NounPhrase([source], [French(word, source)], "il", NAMES[word], False, None, NAME)


def pronoun(word):
    person, french = PRONOUNS[word]
    source = English(word)
    return NounPhrase([source], [French(french, source)], person, word == "she", word == "we", None, NAME)


def pronoun_for(antecedent):
    """Returns the subject pronoun with the gender and number of the French antecedent."""
    if not antecedent.is_third():
        return pronoun({"je": "i", "vous": "you", "nous": "we"}[antecedent.person])
    singular = ("she" if antecedent.feminine else "he") if antecedent.is_human() else "it"
    source = English("they" if antecedent.plural else singular)
    french = ("elle" if antecedent.feminine else "il") + ("s" if antecedent.plural else "")
    return replace(antecedent, en=[source], fr=[French(french, source)], noun=None, kind="")


def possessive_of(owner):
    if owner.person != "il":
        return {"je": "my", "vous": "your", "nous": "our", "ils": "their"}[owner.person]
    return ("her" if owner.feminine else "his") if owner.is_human() else "its"


def owner_phrase(dice):
    if dice.chance(60):
        return name(dice.pick(list(NAMES)))
    return noun_phrase(dice.pick(nouns("person")), False, dice.pick(["the", "the", "the", "this"]))


def definite(dice, noun, subject=None, plural=None, adjectives=55):
    """Returns a definite noun phrase: the, this, my, paul 's."""
    if plural is None:
        plural = noun.countable() and dice.chance(28)
    own = 40 if "mine" in noun.tags else 0
    kind = dice.weigh({"possessive": 75, "owned": 25} if "kin" in noun.tags else
                      {"the": 60, "this": 12, "possessive": own, "owned": own // 2})
    if kind == "possessive":
        of_subject = subject is not None and dice.chance(70)
        kind = possessive_of(subject) if of_subject else dice.pick(["my", "your", "our", "his", "her", "their"])
    owner = owner_phrase(dice) if kind == "owned" else None
    kind = "these" if kind == "this" and plural else kind
    return noun_phrase(noun, plural, kind, pick_adjectives(dice, noun, adjectives), owner)


def indefinite(dice, noun, negated=False):
    """Returns an indefinite noun phrase: a, some, three, many, or no determiner. Negated French has "de" for all but
    numbers."""
    plural = noun.countable() and dice.chance(45)
    if plural and not negated and dice.chance(45):
        kind = dice.pick(list(NUMBERS) + ["many", "several"])
    elif noun.countable() and not plural:
        kind = "a"
    else:
        kind = dice.pick(["any" if negated == "not" else "some", "bare"])
    return noun_phrase(noun, plural, kind, pick_adjectives(dice, noun), negated=bool(negated))


def pair(first, second):
    both = first + phrase("and", "et") + second
    return NounPhrase(both.en, both.fr, "ils", first.feminine and second.feminine, True, None, first.tags)


def somebody(dice, relative=0, persons=("je", "vous", "nous")):
    """Returns a person as a subject."""
    kind = dice.weigh({"he or she": 16, "i, you, we": 16 if persons else 0, "name": 20, "pair": 4, "kin": 14,
                       "person": 34})
    if kind == "he or she":
        return pronoun(dice.pick(["he", "she"]))
    if kind == "i, you, we":
        return pronoun(dice.pick([word for word in PRONOUNS if PRONOUNS[word][0] in persons]))
    if kind == "name":
        return name(dice.pick(list(NAMES)))
    if kind == "pair":
        first, second = dice.pick(list(NAMES)), dice.pick(list(NAMES))
        return pair(name(first), name(second))
    if kind == "kin":
        return definite(dice, dice.pick(nouns("kin")))
    return with_relative(dice, some_of(dice, dice.pick(nouns("person"))), relative)


def some_of(dice, noun):
    """Returns a person or an animal as a subject."""
    kind = dice.weigh({"definite": 66, "a": 10, "every": 4, "all the": 5, "number": 10, "several": 5})
    if kind == "definite":
        return definite(dice, noun)
    kind = dice.pick(list(NUMBERS)) if kind == "number" else kind
    return noun_phrase(noun, kind not in ("a", "every"), kind, pick_adjectives(dice, noun))


def subject_of(dice, tag, relative=0, persons=("je", "vous", "nous")):
    if tag == "human":
        return somebody(dice, relative, persons)
    return with_relative(dice, some_of(dice, dice.pick(nouns(tag))), relative)


def recipient(dice, subject):
    """Returns a person to give something to, to speak to, or to dance with."""
    kind = dice.weigh({"name": 25, "kin": 35, "person": 40})
    if kind == "name":
        return name(dice.pick(list(NAMES)))
    return definite(dice, dice.pick(nouns(kind)), subject)


# ------------------------------------------------------------------------------------------------ verb phrases

BE = {"je": ("am", "suis"), "il": ("is", "est"), "nous": ("are", "sommes"), "vous": ("are", "êtes"),
      "ils": ("are", "sont")}
AVOIR = {"je": "ai", "il": "a", "nous": "avons", "vous": "avez", "ils": "ont"}
NEGATIONS = {"not": "pas", "never": "jamais", "no longer": "plus", "not anything": "rien"}
ADVERBS = {"often": "souvent", "always": "toujours", "sometimes": "parfois"}
MODALS = ("can", "must")


@dataclass
class Form:
    """The use of a verb. `outer` is the verb before its infinitive."""

    tense: str = "simple"  # or progressive, past
    negation: str = ""
    adverb: str = ""
    outer: Verb = None
    question: bool = False


@dataclass
class EnglishVerb:
    """The words of "does not want to wait for … anything". Each member is a list, which may be empty."""

    auxiliary: list
    middle: list  # negation or adverb
    finite: list  # empty after a modal
    to: list
    infinitive: list
    particle: list
    anything: list

    def main(self):
        return self.infinitive or self.finite

    def after_auxiliary(self):
        return self.middle + self.finite + self.to + self.infinitive + self.particle + self.anything


def english_verb(subject, verb, form):
    first = form.outer or verb
    past, third = form.tense == "past", subject.person == "il"
    if first.base in MODALS:
        auxiliary, finite = first.base, ""
    elif form.tense == "progressive":
        auxiliary, finite = BE[subject.person][0], first.ing
    elif form.question or form.negation.startswith("not"):
        auxiliary, finite = "did" if past else "does" if third else "do", first.base
    else:
        auxiliary, finite = "", first.past if past else first.third() if third else first.base
    to = "to" if form.outer and first.base not in MODALS else ""
    negation, anything, _ = form.negation.partition(" anything")
    parts = [auxiliary, negation or form.adverb, finite, to, verb.base if form.outer else "", verb.particle, anything]
    return EnglishVerb(*([English(word) for word in words.split()] for words in parts))


def participle(verb, feminine, plural):
    word = verb.participle + ("e" if feminine else "")
    return word + ("s" if plural and word[-1] != "s" else "")


def negators(form, english):
    """Returns "ne", which precedes the verb, and what follows it: pas, jamais, plus, rien, or an adverb."""
    if form.negation:
        return ([French("ne", english.middle[0])],
                [French(NEGATIONS[form.negation], *(english.anything or english.middle[-1:]))])
    return [], [French(ADVERBS[form.adverb], *english.middle)] if form.adverb else []


def french_verb(subject, verb, form, english, complement):
    """Returns ne, object pronoun, finite verb, pas or adverb, participle or infinitive."""
    first = form.outer or verb
    clitics = [complement.clitic] if complement.clitic else []
    particle = [] if complement.governed else english.particle  # a governed preposition translates the particle
    own = [] if form.outer else particle
    ne, pas = negators(form, english)
    words = ne + ([] if form.outer else clitics)
    if form.tense != "past" and subject.person not in first.present:
        raise Rejected
    if form.tense == "past":
        etre = "e" in first.uses
        sources = english.auxiliary or english.finite
        agreement = ((subject.feminine, subject.plural) if etre else
                     complement.agreement if not form.outer else (False, False))
        words += [French(BE[subject.person][1] if etre else AVOIR[subject.person], *sources)] + pas
        words += [French(participle(first, *agreement), *english.finite, *own)]
    else:
        asked = form.question and first.base not in MODALS  # then "est-ce que" translates the auxiliary
        auxiliary = [] if asked else english.auxiliary
        words += [French(first.present[subject.person], *auxiliary, *english.finite, *own)] + pas
    if form.outer:
        preposition = [French(first.governs, *english.to)] if first.governs else []
        to = [] if preposition else english.to
        words += preposition + clitics + [French(verb.infinitive, *to, *english.infinitive, *particle)]
    return words + [French(word, *english.main()) for word in verb.governs.split()[:-1]]


def whether(auxiliary):
    """Returns est-ce que, which translates the auxiliary of an English question."""
    return [French("est-ce", *auxiliary), French("que", *auxiliary)]


@dataclass
class Complement(Phrase):
    """The words after the verb, and an object pronoun, which precedes the verb in French."""

    clitic: French = None
    agreement: tuple = (False, False)  # gender and number of a direct object before the participle
    governed: French = None  # a preposition that the French verb requires
    closed: bool = False  # ends in a relative clause: words that follow would belong to it


def clause(subject, verb, form, complement=Complement(), asked=Phrase()):
    """Returns a clause. `asked` is the question word at its beginning."""
    english = english_verb(subject, verb, form)
    if complement.governed:
        complement.governed.sources += english.particle or english.main()
    en = english.after_auxiliary() + complement.en
    fr = subject.fr + french_verb(subject, verb, form, english, complement) + complement.fr
    if not form.question:
        return Phrase(subject.en + english.auxiliary + en, fr)
    return asked + Phrase(english.auxiliary + subject.en + en, whether(english.auxiliary) + fr)


def with_object(np):
    return Complement(np.en, np.fr)


def governed(preposition, np):
    word = French(preposition)
    return Complement(np.en, [word] + np.fr, governed=word)


# ----------------------------------------------------------------------------------------------------- objects

OBJECT_PRONOUNS = {"me": "me", "him": "le", "her": "la", "us": "nous", "you": "vous", "them": "les"}
DATIVE_PRONOUNS = {"me": "me", "him": "lui", "her": "lui", "us": "nous", "you": "vous", "them": "leur"}
REFLEXIVE = {"je": ("me", "us"), "nous": ("us", "me"), "vous": ("you",), "il": (), "ils": ("them",)}
GIVING = ("give", "show", "send", "lend", "tell")


def object_pronoun(dice, subject, table, words=tuple(OBJECT_PRONOUNS)):
    word = dice.pick([word for word in words if word not in REFLEXIVE[subject.person]])
    source = English(word)
    return Complement([source], [], French(table[word], source), (word == "her", False))


def pick_noun(dice, tags):
    """Picks a tag and then one of its nouns, so that small classes are as frequent as large ones."""
    return dice.pick(nouns(dice.pick(tags.split())))


def direct_object(dice, verb, subject, form, tags):
    if "o" in verb.uses and dice.chance(35):
        shown = form.tense == "past" and not form.outer  # the participle shows a gender that "them" does not
        words = ("him", "her", "her") if shown else tuple(OBJECT_PRONOUNS)
        return object_pronoun(dice, subject, OBJECT_PRONOUNS, words)
    noun = pick_noun(dice, tags)
    if verb.base in ("like", "love") and noun.tags & {"food", "drink", "animal"}:
        return with_object(noun_phrase(noun, noun.countable(), "generic", pick_adjectives(dice, noun, 20)))
    if noun.tags & {"kin"} or verb.base in ("know", "like", "love") or dice.chance(45):
        np = definite(dice, noun, subject)
    else:
        np = indefinite(dice, noun, form.negation)
    if form.negation and "cup" in noun.tags:
        raise Rejected
    denied = form.negation and np.kind != "the"  # a relative clause would have nothing to describe
    described = np if denied else with_relative(dice, np, 20)
    return Complement(described.en, described.fr, closed=described is not np)


def needed(dice, subject, noun):
    """Returns the object of avoir besoin: d' un, du, de mon; but "de" alone for "some"."""
    adjectives = pick_adjectives(dice, noun)
    if dice.chance(35):
        return governed("de", definite(dice, noun, subject))
    if noun.countable() and dice.chance(70):
        return governed("de", noun_phrase(noun, False, "a", adjectives))
    return governed("de", phrase(noun.en[-1], noun.fr[-1], noun.links))


def given(dice, subject, form, noun):
    """Returns "the book to the girl", "the girl the book" or "her a book", which have the same order in French."""
    theme = (definite(dice, noun, subject) if dice.chance(50) else
             noun_phrase(noun, False, "a", pick_adjectives(dice, noun), negated=bool(form.negation)))
    if dice.chance(35):
        to_whom = object_pronoun(dice, subject, DATIVE_PRONOUNS)
        return Complement(to_whom.en + theme.en, theme.fr, to_whom.clitic)
    person = recipient(dice, subject)
    if dice.chance(55):
        return with_object(theme + phrase("to", "à") + person)
    to_whom = governed("à", person)
    return Complement(person.en + theme.en, theme.fr + to_whom.fr, governed=to_whom.governed)


def addressed(dice, subject):
    """Returns the object of parler à, répondre à."""
    if dice.chance(35):
        return replace(object_pronoun(dice, subject, DATIVE_PRONOUNS), agreement=(False, False))
    return governed("à", recipient(dice, subject))


def played(dice, subject):
    """Returns the object of jouer au tennis, jouer du piano, jouer avec le chat."""
    kind = dice.weigh({"instrument": 40, "game": 40, "with": 20})
    if kind == "with":
        return with_object(phrase("with", "avec") + definite(dice, dice.pick(nouns("pet")), subject))
    if kind == "game":
        game = English(dice.pick(list(GAMES)))
        return governed("à", Phrase([game], [article(False, False, game), French(GAMES[game.word], game)]))
    the, instrument = English("the"), English(dice.pick(list(INSTRUMENTS)))
    french, feminine = INSTRUMENTS[instrument.word]
    return governed("de", Phrase([the, instrument], [article(feminine, False, the), French(french, instrument)]))


def complement_of(dice, verb, subject, form, tags):
    if verb.base in DESTINATIONS:
        return with_object(destination(dice, verb))
    if form.negation == "not anything" or (not tags and verb.base != "play"):
        return Complement()
    if verb.base == "play":
        return played(dice, subject)
    if verb.base == "need":
        return needed(dice, subject, pick_noun(dice, tags))
    if verb.base in GIVING:
        return given(dice, subject, form, pick_noun(dice, tags))
    return addressed(dice, subject) if verb.governs else direct_object(dice, verb, subject, form, tags)


# ------------------------------------------------------------------------------------------------ place and time

PREPOSITIONS = {"in": "dans", "at": "à", "on": "sur"}
PLACES = {  # {verb: places of the action}
    "eat": "restaurant, kitchen, garden, park, home",
    "drink": "restaurant, kitchen, garden, hotel, home",
    "read": "library, bedroom, garden, living room, park, home",
    "write": "library, kitchen, living room, school, home",
    "buy": "market, station, airport, town",
    "sell": "market, beach, town",
    "look": "street, market, garden, bedroom, station, school",
    "find": "street, market, garden, bedroom, forest, beach",
    "lose": "street, forest, park, station, airport",
    "watch": "park, garden, beach, museum",
    "see": "forest, park, street, village, town",
    "wait": "station, airport, hotel, restaurant, street",
    "sleep": "bedroom, hotel, garden, living room, home",
    "sing": "church, school, street, garden, restaurant",
    "dance": "street, hotel, living room, castle, beach",
    "work": "hospital, market, school, library, garden, museum, town",
    "run": "park, street, forest, beach",
    "walk": "park, street, forest, beach, village",
    "swim": "swimming pool",
    "cook": "kitchen, restaurant, hotel, home",
    "play": "park, garden, school, beach, street, home",
    "speak": "market, museum, church, school, street",
    "cry": "bedroom, kitchen, street, airport",
    "stay": "hospital, hotel, castle, village, home, town, near",
    "arrive": "station, airport, hotel, museum, town",
    "live": "house, castle, village, forest, town, near",
    "fall": "street, garden, kitchen, park, forest, swimming pool",
}
DESTINATIONS = ("go", "come", "arrive", "stay", "live", "fall")
TOWNS_AND_COUNTRIES = {**TOWNS, **COUNTRIES}
TIMES = {
    "habit": [("every day", "tous les jours", "0-0 0-1 1-2"), ("every morning", "chaque matin"),
              ("every week", "chaque semaine"), ("in the evening", "le soir", "0-0 1-0 2-1"),
              ("on sundays", "le dimanche", "0-0 1-1")],
    "progressive": [("now", "maintenant"), ("this morning", "ce matin"), ("today", "aujourd'hui")],
    "past": [("yesterday", "hier"), ("last week", "la semaine dernière", "0-2 1-0 1-1"), ("this morning", "ce matin"),
             ("on monday", "lundi")],
    "future": [("tomorrow", "demain"), ("tonight", "ce soir"), ("next week", "la semaine prochaine", "0-2 1-0 1-1"),
               ("on monday", "lundi")],
}


def the(dice, noun, adjectives=25):
    return noun_phrase(noun, False, "the", pick_adjectives(dice, noun, adjectives))


def inside(dice, noun, subject=None):
    """Returns "in the garden", "at the hospital", "on the beach"."""
    preposition = next(word for word in PREPOSITIONS if word in noun.tags)
    np = definite(dice, noun, subject, False, 25) if dice.chance(35) else the(dice, noun)
    return phrase(preposition, PREPOSITIONS[preposition]) + np


def in_town(dice, preposition="in"):
    """Returns a town (French à) or a country (French en)."""
    if dice.chance(60):
        town = dice.pick(list(TOWNS))
        return phrase(preposition, "à") + phrase(town, TOWNS[town])
    country = dice.pick(list(COUNTRIES))
    return phrase(preposition, "en") + phrase(country, COUNTRIES[country])


def beside(dice, anchors):
    """Returns "behind the house", "next to the table"."""
    relation = dice.pick([("behind", "derrière"), ("in front of", "devant"), ("near", "près de"),
                          ("next to", "à côté de", "0-0 0-1 1-2")])
    return phrase(*relation) + the(dice, dice.pick(nouns(anchors)))


def place(dice, verb, subject=None):
    where = dice.pick(PLACES[verb.base].split(", "))
    if where == "home":
        return phrase("at home", "à la maison", "0-0 1-1 1-2")
    if where == "town":
        return in_town(dice)
    return beside(dice, "building") if where == "near" else inside(dice, noun_named(where), subject)


def destination(dice, verb):
    if verb.base == "come":
        place_name = dice.pick(list(TOWNS_AND_COUNTRIES))
        return phrase("from", "de") + phrase(place_name, TOWNS_AND_COUNTRIES[place_name])
    if verb.base == "go":
        return in_town(dice, "to") if dice.chance(25) else phrase("to", "à") + the(dice, dice.pick(nouns("at on")))
    return place(dice, verb)


def position(dice):
    """Returns "under the table", "in the kitchen", "behind the church"."""
    kind = dice.weigh({"furniture": 50, "inside": 30, "beside": 20})
    if kind == "inside":
        return inside(dice, dice.pick(nouns("room outdoors")))
    if kind == "beside":
        return beside(dice, "building furniture")
    return phrase(*dice.pick([("on", "sur"), ("under", "sous")])) + the(dice, dice.pick(nouns("furniture")))


def surroundings(dice, verb, subject):
    """Returns an adverbial that suits the verb: with whom, for whom, or where."""
    if subject.is_human() and verb.base in ("sing", "dance", "work", "walk", "cook", "eat") and dice.chance(20):
        return phrase("with", "avec") + recipient(dice, subject)
    if subject.is_human() and verb.base in ("buy", "choose", "cook", "sing") and dice.chance(20):
        return phrase("for", "pour") + recipient(dice, subject)
    if verb.base in DESTINATIONS or verb.base not in PLACES or not dice.chance(50):
        return Phrase()
    if subject.is_human():
        return place(dice, verb, subject)
    return inside(dice, dice.pick(nouns("outdoors")))


def time_of(dice, use, form):
    """Returns a time that suits the use. A habit has an adverb or a time, unless it is negated."""
    if use not in TIMES or form.adverb or form.negation in ("never", "no longer", "not anything"):
        return Phrase()
    return phrase(*dice.pick(TIMES[use])) if use == "habit" or dice.chance(48) else Phrase()


# ------------------------------------------------------------------------------------------------------ clauses

MAIN_VERBS = [verb for verb in VERB_LIST for _ in range(2 if "e" in verb.uses else 1) if verb.frames]
USES = {"progressive": ("p", 40), "habit": ("h", 22), "past": ("t", 28), "state": ("s", 60), "future": ("i", 14),
        "outer": ("i", 20)}


def pick_use(dice, verb, subject, among=tuple(USES)):
    """Picks a use of the verb. Excludes rare verb forms, and genders that English does not express."""
    possible = {use: weight for use, (letter, weight) in USES.items() if use in among and letter in verb.uses}
    if subject.person not in verb.present:
        possible = {use: possible[use] for use in possible if use in ("past", "future", "outer")}
    if "e" in verb.uses and not subject.is_third():
        possible.pop("past", None)
    elif "e" in verb.uses and "past" in possible:
        possible["past"] = 100
    if not possible:
        raise Rejected
    return dice.weigh(possible)


def pick_negation(dice, use, verb, subject):
    if subject.kind in ("all the", "every") or not dice.chance(20):
        return ""
    kinds = {"not": 60 if use != "habit" else 0}
    if use in ("habit", "past", "state") and verb.base not in ("have", "need", "live", "come", "know", "like", "love"):
        kinds["never"] = 18
    if use in ("habit", "progressive", "state") and verb.base not in ("come", "know"):
        kinds["no longer"] = 18
    if verb.base in ("eat", "drink", "buy", "sell", "see", "read", "write", "find", "break", "choose"):
        kinds["not anything"] = 20
    return dice.weigh(kinds)


def pick_form(dice, use, verb, subject, question, negatable):
    negation = pick_negation(dice, use, verb, subject) if negatable and not question else ""
    if use == "future":
        return Form("progressive", negation, outer=verb_named("go"), question=question)
    if use == "outer":
        outer = verb_named(dice.pick(["want", "can", "must", "try", "begin"]))
        if outer.base in ("want", "can", "must"):
            return Form("simple", negation, outer=outer, question=question)
        tense = dice.pick(["progressive", "past"]) if subject.person in outer.present else "past"
        return Form(tense, outer=outer, question=question)
    if use == "habit":
        adverb = dice.pick(list(ADVERBS)) if not negation and not question and dice.chance(45) else ""
        return Form("simple", negation, adverb, question=question)
    return Form("simple" if use == "state" else use, negation, question=question)


@dataclass
class Manner:
    """The allowed content of a clause. `bare`: no time or place. `relative`: percentage of relative clauses."""

    uses: tuple = tuple(USES)
    relative: int = 28
    negatable: bool = True
    bare: bool = False
    question: bool = False
    asked: Phrase = field(default_factory=Phrase)


def frame_for(verb, subject):
    """Returns the tags of the objects that the verb takes with this subject."""
    for tag, objects in verb.frames:
        if tag in subject.tags:
            return objects
    raise Rejected


def statement(dice, verb=None, subject=None, manner=Manner()):
    """Returns the clause and its time separately, because the time may come first."""
    verb = verb or dice.pick(MAIN_VERBS)
    subject = subject or subject_of(dice, dice.pick(verb.frames)[0], manner.relative)
    tags = frame_for(verb, subject)
    use = pick_use(dice, verb, subject, manner.uses)
    form = pick_form(dice, use, verb, subject, manner.question, manner.negatable)
    complement = complement_of(dice, verb, subject, form, tags)
    words = clause(subject, verb, form, complement, manner.asked)
    if manner.bare or complement.closed:
        return words, Phrase()
    return words + surroundings(dice, verb, subject), time_of(dice, use, form)


def plain(dice, verb=None, subject=None, **manner):
    words, time = statement(dice, verb, subject, Manner(**manner))
    return words + time


PROPER_RELATIVES = ("see", "buy", "sell", "find", "choose", "write", "read", "like", "love", "know", "help", "wait")


def who_does(dice, antecedent):
    """Returns the relative clause of "the woman who is reading a book"."""
    word = "who" if antecedent.is_human() else "that"
    source = English(word)
    subject = replace(antecedent, en=[source], fr=[French("qui", source)])
    verbs = [verb for verb in MAIN_VERBS if any(tag in antecedent.tags for tag, _ in verb.frames)]
    return plain(dice, dice.pick(verbs), subject, uses=("progressive", "state"), relative=0, bare=dice.chance(60))


def that_somebody_does(dice, antecedent):
    """Returns the relative clause of "the book that marie bought"; the participle agrees with the book."""
    verbs = [verb for verb in map(verb_named, PROPER_RELATIVES)
             if any(tag == "human" and set(tags.split()) & antecedent.tags for tag, tags in verb.frames)]
    if not verbs:
        return Phrase()
    verb = dice.pick(verbs)
    subject = somebody(dice)
    uses = ("progressive", "state") if antecedent.plural else ("progressive", "state", "past")
    use = "past" if "past" in uses and verb.past and dice.chance(50) else pick_use(dice, verb, subject, uses)
    form = pick_form(dice, use, verb, subject, False, False)
    return phrase("that", "que") + clause(subject, verb, form, Complement(agreement=(antecedent.feminine, False)))


def with_relative(dice, np, percent):
    if np.kind not in ("the", "a", "some", "several", "many", *NUMBERS) or not dice.chance(percent):
        return np
    subject_first = np.tags & {"person", "animal"} and dice.chance(70)
    relative = who_does(dice, np) if subject_first else that_somebody_does(dice, np)
    return replace(np, en=np.en + relative.en, fr=np.fr + relative.fr)


# ---------------------------------------------------------------------------------------------- being and having

PASSING = ("mood", "dirt", "heat", "cost", "content", "money")
UNGRADED = ("color", "content", "origin")
PRAISE = ("beautiful", "pretty", "good", "kind", "happy", "famous", "intelligent", "interesting", "clean", "fresh")
HAVING = {"hungry": "faim", "thirsty": "soif"}
IMPERFECT = {("être", "il"): "était", ("être", "ils"): "étaient",
             ("avoir", "il"): "avait", ("avoir", "ils"): "avaient"}
THINGS = "building vehicle furniture clothes show text room outdoors device dish fruit feed hot"
CONTRASTS = {  # {adjective: adjectives that one does not expect of the same thing}
    "old": "beautiful clean expensive interesting",
    "small": "expensive beautiful heavy modern",
    "big": "empty",
    "beautiful": "expensive small old",
    "long": "interesting",
    "broken": "beautiful",
    "rich": "sad lazy",
    "young": "intelligent tired famous strong",
    "intelligent": "lazy",
    "famous": "lazy sad",
    "clean": "small",
    "modern": "expensive",
    "tired": "happy",
    "cold": "delicious",
    "interesting": "long expensive",
}


def be(subject, predicate, negation="", past=False, question=False, verb="être"):
    """Returns "to be" and its predicate, translated by être, or by avoir for hunger and fear."""
    english = English(("was" if subject.person == "il" else "were") if past else BE[subject.person][0])
    present = BE[subject.person][1] if verb == "être" else AVOIR[subject.person]
    french = [French(IMPERFECT[verb, subject.person] if past else present, english)]
    not_words = [English(word) for word in negation.split()]
    if negation:
        french = [French("ne", not_words[0])] + french + [French(NEGATIONS[negation], not_words[-1])]
    if question:
        return Phrase([english] + subject.en + predicate.en, whether([english]) + subject.fr + french + predicate.fr)
    return Phrase(subject.en + [english] + not_words + predicate.en, subject.fr + french + predicate.fr)


def fitting_adjectives(subject):
    """Excludes those that would express the gender of "i" or "we" or the number of "you", and repeated meanings."""
    if subject.person == "vous":
        return []
    return [a for a in ADJECTIVE_LIST if "only" not in a.place and a.predicate_tags & subject.tags
            and a.meaning not in subject.meanings and (subject.is_third() or a.invariable())]


def adjectival(adjective, subject, degree=""):
    """Returns the adjective, with very or too where that makes sense."""
    if adjective.meaning in UNGRADED or adjective.en in ("broken", "delicious"):
        degree = ""
    if degree == "too" and adjective.en in PRAISE:
        degree = "very"
    words = adjective_phrase(adjective, subject.feminine, subject.plural)
    words.fr[0].before_vowel = None
    return phrase(degree, {"very": "très", "too": "trop"}[degree]) + words if degree else words


def feared(dice):
    noun = dice.pick(nouns("wild") + [noun_named("dog"), noun_named("mouse")])
    return phrase("afraid of", "peur de") + noun_phrase(noun, dice.chance(40), "the", pick_adjectives(dice, noun, 25))


def profession(dice, subject):
    """Returns the predicate of "est médecin", which has no article in French."""
    job = dice.pick([noun for noun in nouns("job") if noun.feminine == subject.feminine])
    words = phrase(job.en[0], job.fr[0])
    return Phrase([English("a")] + words.en, words.fr)


def being(dice, relative):
    kind = dice.weigh({"human": 45, "animal": 17, "thing": 38})
    if kind == "human":
        return somebody(dice, relative)
    if kind == "animal":
        return subject_of(dice, "animal", relative)
    return with_relative(dice, definite(dice, pick_noun(dice, THINGS)), relative)


def predication(dice, relative=15, question=False):
    """Returns "the castle is very old", "the boy is hungry", "my uncle is a doctor", "the keys are on the table"."""
    subject = being(dice, relative)
    kinds = {"adjective": 55 if fitting_adjectives(subject) else 0, "position": 0, "hunger": 0, "fear": 0, "job": 0}
    if subject.is_human() or "animal" in subject.tags:
        kinds.update(hunger=18, fear=12)
    if subject.tags & {"name", "kin"} and subject.person == "il":
        kinds["job"] = 15
    if subject.tags & {"thing", "pet", "clothes"}:
        kinds["position"] = 35
    if not any(kinds.values()):
        raise Rejected
    kind = dice.weigh(kinds)
    negatable = not question and subject.kind not in ("every", "all the")
    negation = dice.weigh({"": 75, "not": 20, "no longer": 5}) if negatable else ""
    past = subject.is_third() and negation != "no longer" and dice.chance(15)
    verb = "avoir" if kind in ("hunger", "fear") else "être"
    if kind == "adjective":
        adjective = dice.pick(fitting_adjectives(subject))
        if negation == "no longer" and adjective.meaning not in PASSING:
            raise Rejected
        degree = dice.weigh({"": 60, "very": 28, "too": 12}) if negation != "no longer" else ""
        predicate = adjectival(adjective, subject, degree)
    elif kind == "hunger":
        degree = phrase("very", "très") if dice.chance(25) else Phrase()
        predicate = degree + phrase(*dice.pick(list(HAVING.items())))
    else:
        predicate = {"fear": feared, "position": position}[kind](dice) if kind != "job" else profession(dice, subject)
    return be(subject, predicate, negation, past, question, verb)


def comparison(dice):
    """Returns "the horse is bigger than the dog"; also "as old as", "less expensive than"."""
    tag = dice.weigh({"person": 2, "kin": 1, "animal": 1, "vehicle": 1, "building": 1, "clothes": 1, "furniture": 1,
                      "text": 1, "load": 1})
    subject, standard = definite(dice, dice.pick(nouns(tag)), None, None, 25), definite(dice, dice.pick(nouns(tag)))
    adjectives = [a for a in fitting_adjectives(subject) if a.comparative and a.predicate_tags & standard.tags]
    if not adjectives or subject.noun is standard.noun:
        raise Rejected
    if tag in ("person", "kin") and dice.chance(40):
        standard = name(dice.pick(list(NAMES)))
    adjective = dice.pick(adjectives)
    french = adjective.form(subject.feminine, subject.plural)
    kind = dice.weigh({"more": 70, "as": 20, "less": 30 if adjective.comparative.startswith("more") else 0})
    if kind == "more":
        words = phrase(adjective.comparative, "plus " + french) + phrase("than", "que")
    elif kind == "as":
        words = phrase(f"as {adjective.en} as", f"aussi {french} que")
    else:
        words = phrase(f"less {adjective.en} than", f"moins {french} que")
    return be(subject, words + standard, past=dice.chance(10))


def existence(dice, question=False):
    """Returns "there is a cat under the table", "there is no milk in the kitchen"."""
    noun = pick_noun(dice, "animal person thing food drink furniture cup tree transport flower")
    tags = noun.tags
    if tags & {"thing", "pet"}:
        where = position(dice)
    elif tags & {"furniture", "flower", "cup", "food", "drink"}:
        where = inside(dice, noun_named(dice.pick(["kitchen", "living room"])))
    elif "transport" in tags:
        where = inside(dice, noun_named("airport" if noun.en[0] == "plane" else "station"))
    else:
        where = inside(dice, dice.pick(nouns("outdoors")))
    there = English("there")
    french = [French("il", there), French("y", there)]
    none = not question and dice.chance(22)
    np = (noun_phrase(noun, noun.countable(), "no", pick_adjectives(dice, noun, 20), negated=True) if none else
          indefinite(dice, noun))
    verb = English("are" if np.plural else "is")
    french.append(French("a", verb))
    if none:
        french = [french[0], French("ne", np.en[0]), *french[1:], French("pas", np.en[0])]
    if question:
        return Phrase([verb, there] + np.en, whether([verb]) + french + np.fr) + where
    return Phrase([there, verb] + np.en, french + np.fr) + where


# ---------------------------------------------------------------------------------------------------- questions


def yes_no_question(dice):
    kind = dice.weigh({"statement": 70, "predication": 18, "existence": 12})
    if kind == "statement":
        return plain(dice, relative=0, question=True)
    return predication(dice, 0, question=True) if kind == "predication" else existence(dice, question=True)


def wh_question(dice):
    kind = dice.weigh({"adverb": 50, "what": 15, "who": 17, "position": 18})
    if kind == "position":
        return where_is(dice)
    if kind == "who":
        source = English("who")
        subject = NounPhrase([source], [French("qui", source)], tags=NAME)
        return plain(dice, dice.pick([verb for verb in MAIN_VERBS if "o" not in verb.uses]), subject,
                     uses=("progressive", "past", "state"), negatable=False)
    if kind == "what":
        verb = verb_named(dice.pick("eat drink read write buy look choose clean paint repair".split()))
        return clause(somebody(dice), verb, Form("progressive", question=True), asked=phrase("what", "que"))
    return adverb_question(dice)


def adverb_question(dice):
    asked = dice.pick([("where", "où"), ("why", "pourquoi"), ("when", "quand")])
    verbs = [verb for verb in MAIN_VERBS if "t" in verb.uses and verb.base not in DESTINATIONS]
    if asked[0] == "where":
        verbs = [verb for verb in verbs if verb.base in PLACES]
    uses = ("past", "future") if asked[0] == "when" else ("progressive", "past", "future")
    return plain(dice, dice.pick(verbs), uses=uses, relative=0, bare=True, question=True, asked=phrase(*asked))


def where_is(dice):
    np = definite(dice, pick_noun(dice, "thing pet clothes kin transport"))
    where, verb = English("where"), English(BE[np.person][0])
    return Phrase([where, verb] + np.en, [French("où", where), French(BE[np.person][1], verb)] + np.fr)


# --------------------------------------------------------------------------------------------- several clauses

WEATHER = [("it is raining", "il pleut", "0-0 1-1 2-1"), ("it is snowing", "il neige", "0-0 1-1 2-1")]
WHEN_IT = [("when it rains ,", "quand il pleut ,"), ("when it snows ,", "quand il neige ,"),
           ("if it rains ,", "s' il pleut ,"), ("if it snows ,", "s' il neige ,")]
REASONS = {  # {action: reasons}
    "sleep": "tired sick",
    "eat": "hungry",
    "drink": "thirsty",
    "cry": "sad sick tired lost",
    "laugh": "happy",
    "dance": "happy",
    "sing": "happy",
    "stay": "tired sick weather",
    "run": "late afraid weather",
    "invite": "kind",
    "help": "kind",
}
FAULTS = [("buy", "clothes vehicle device", "expensive big small old"), ("wear", "clothes", "dirty old small"),
          ("read", "read letter", "boring long"), ("carry", "load", "heavy"), ("drink", "hot", "hot cold")]
CHAINS = [("buy", "read", "read"), ("take", "open", "container"), ("choose", "buy", "clothes vehicle show"),
          ("find", "wear", "clothes"), ("open", "read", "letter"), ("wash", "eat", "fruit"),
          ("repair", "sell", "device vehicle"), ("clean", "close", "part")]


def because():
    return phrase("because", "parce que")


def adjective_named(english):
    return next(a for a in ADJECTIVE_LIST if a.en == english)


def reason(dice):
    """Returns "the girl is crying because she is sad"."""
    if dice.chance(30):
        return fault(dice)
    base = dice.pick(list(REASONS))
    subject = somebody(dice, 10)
    effect = plain(dice, verb_named(base), subject, uses=("progressive",), bare=True, negatable=False)
    return effect + because() + cause(dice, dice.pick(REASONS[base].split()), pronoun_for(subject))


def cause(dice, why, subject):
    if why == "weather":
        return phrase(*dice.pick(WEATHER))
    if why == "lost":
        lost = definite(dice, dice.pick(nouns("thing")), subject, False, 20)
        return clause(subject, verb_named("lose"), Form("past"), with_object(lost))
    if why == "late":
        return be(subject, phrase("late", "en retard"))
    if why == "afraid":
        return be(subject, feared(dice), verb="avoir")
    degree = "very" if dice.chance(25) else ""
    if why in HAVING:
        return be(subject, (phrase("very", "très") if degree else Phrase()) + phrase(why, HAVING[why]), verb="avoir")
    if adjective_named(why) not in fitting_adjectives(subject):
        raise Rejected
    return be(subject, adjectival(adjective_named(why), subject, degree))


def fault(dice):
    """Returns "paul can not buy the car because it is too expensive"; the pronoun has the gender of the car."""
    base, tags, faults = dice.pick(FAULTS)
    noun = pick_noun(dice, tags)
    adjectives = [a for a in map(adjective_named, faults.split()) if a.predicate_tags & noun.tags]
    subject = somebody(dice)
    if not adjectives or subject.person == "ils" or subject.kind == "every":  # "they" must not be ambiguous
        raise Rejected
    adjective = dice.pick(adjectives)
    np = noun_phrase(noun, noun.countable() and dice.chance(25), "the",
                     [a for a in pick_adjectives(dice, noun, 25) if a.meaning != adjective.meaning])
    outer = verb_named("can" if base == "carry" else dice.pick(["want", "can"]))
    effect = clause(subject, verb_named(base), Form(negation="not", outer=outer), with_object(np))
    it = pronoun_for(np)
    return effect + because() + be(it, adjectival(adjective, it, "too"))


def chain(dice):
    """Returns "paul buys the letter and reads it"; pronoun and participle have the gender of the letter."""
    first, second, tags = dice.pick(CHAINS)
    first, second = verb_named(first), verb_named(second)
    noun = pick_noun(dice, tags)
    plural = dice.chance(30)
    np = noun_phrase(noun, plural, dice.pick(["the", "two", "these"] if plural else ["the", "a", "this"]),
                     pick_adjectives(dice, noun, 35))
    subject = somebody(dice, 8)
    it = English("them" if plural else "it")
    clitic = French("les" if plural else "la" if noun.feminine else "le", it)
    use = dice.pick(["simple", "future"] + ["past"] * bool(second.past and not plural))
    if use == "future":
        infinitive = English(second.base)
        again = Phrase([infinitive, it], [clitic, French(second.infinitive, infinitive)])
        form = Form("progressive", outer=verb_named("go"))
        return clause(subject, first, form, with_object(np)) + phrase("and", "et") + again
    same_subject = replace(subject, en=[], fr=[])
    again = clause(same_subject, second, Form(use), Complement([it], [], clitic, (noun.feminine, plural)))
    return clause(subject, first, Form(use), with_object(np)) + phrase("and", "et") + again


def conjunction(dice):
    kind = dice.weigh({"when": 18, "weather": 14, "while": 22, "likes": 18, "and": 14, "contrast": 14})
    return {"when": when, "weather": weather, "while": meanwhile, "likes": likes, "and": two_clauses,
            "contrast": contrast}[kind](dice)


def when(dice):
    """Returns "when the baker sings , the children laugh"."""
    first = verb_named(dice.pick(["sing", "dance", "arrive", "leave", "laugh", "cry", "fall", "cook"]))
    second = verb_named(dice.pick(["sing", "dance", "laugh", "cry", "run", "leave"]))
    if first is second:
        raise Rejected
    one, other = somebody(dice, persons=()), somebody(dice, persons=())
    return (phrase("when", "quand") + clause(one, first, Form()) + phrase(",", ",") + clause(other, second, Form()))


def weather(dice):
    verb = dice.pick([verb for verb in MAIN_VERBS if "h" in verb.uses and verb.frames[0][0] == "human"])
    return phrase(*dice.pick(WHEN_IT)) + plain(dice, verb, somebody(dice), uses=("habit",), relative=0, bare=True)


def meanwhile(dice):
    verbs = [verb for verb in MAIN_VERBS if "p" in verb.uses]
    first, second = (plain(dice, dice.pick(verbs), somebody(dice), uses=("progressive",), relative=0, bare=bare,
                           negatable=False) for bare in (False, True))
    return first + phrase("while", "pendant que") + second


def likes(dice):
    """Returns "emma likes coffee but she does not like tea"."""
    subject = somebody(dice, 8)
    tag = dice.pick(["food", "drink", "animal", "fruit"])
    one, other = (noun_phrase(noun, noun.countable(), "generic", pick_adjectives(dice, noun, 20))
                  for noun in (dice.pick(nouns(tag)), dice.pick(nouns(tag))))
    if one.noun is other.noun:
        raise Rejected
    return (clause(subject, verb_named(dice.pick(["like", "love"])), Form(), with_object(one)) + phrase("but", "mais") +
            clause(pronoun_for(subject), verb_named("like"), Form(negation="not"), with_object(other)))


def two_clauses(dice):
    use = dice.pick(["progressive", "past"])
    first, second = (plain(dice, subject=somebody(dice), uses=(use,), relative=0, bare=bare) for bare in (False, True))
    return first + phrase("and", "et") + second


def contrast(dice):
    """Returns "the house is old but it is beautiful"."""
    subject = somebody(dice, persons=()) if dice.chance(35) else definite(dice, pick_noun(dice, THINGS), None, None, 15)
    words = dice.pick(list(CONTRASTS))
    first, second = adjective_named(words), adjective_named(dice.pick(CONTRASTS[words].split()))
    if not {a.en for a in (first, second)} <= {a.en for a in fitting_adjectives(subject)}:
        raise Rejected
    it = pronoun_for(subject)
    return (be(subject, adjectival(first, subject)) + phrase("but", "mais") +
            be(it, adjectival(second, it, dice.pick(["", "very", "too"]))))


def reported(dice):
    """Returns "marie thinks that the old man is sleeping"."""
    verb = dice.pick([verb_named("think"), verb_named("say"), verb_named("know", "savoir")])
    kind = dice.weigh({"statement": 55, "predication": 35, "existence": 10})
    claim = (plain(dice, relative=5) if kind == "statement" else
             predication(dice, 5) if kind == "predication" else existence(dice))
    return clause(somebody(dice), verb, Form()) + phrase("that", "que") + claim


def declarative(dice):
    """Returns a statement, which may begin with its time."""
    words, time = statement(dice)
    if time.en and dice.chance(25):
        return time + phrase(",", ",") + words
    return words + time


SENTENCE_TYPES = {declarative: 36, predication: 6, comparison: 6, existence: 5, reason: 10, chain: 5, conjunction: 13,
                  reported: 10, yes_no_question: 8, wh_question: 5}


def sentence(dice):
    """Returns a sentence as a Phrase. Raises Rejected if the choices do not fit together."""
    kind = dice.weigh(SENTENCE_TYPES)
    mark = "?" if kind in (yes_no_question, wh_question) else "."
    return kind(dice) + phrase(mark, mark)
