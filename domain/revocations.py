"""Plain-language revocations: whether somebody asks in their own words not to be texted any more.

A candidate is held at once and looked at by a person, so this may be wrong now and then, but it should
miss little. A sentence that merely contains "stop" is none ("We have got to STOP this bill").
"""

import re

from domain.keywords import STOP, folded


def asks_to_stop(text: str) -> bool:
    """Whether the text reads like a wish not to be texted again; keywords by themselves count too."""
    words = folded(text)
    if _says_only_a_keyword(words.split()) or (_BEGINS.match(words) and not _ELSEWHERE.match(words)):
        return True
    return any(not _TURNED_ROUND.search(words[: found.start()]) for found in _WISH.finditer(words))


def _says_only_a_keyword(words: list[str]) -> bool:
    """ "Please stop", "stop it now", "cancel pls": nothing is said but the keyword."""
    bare = [word for word in words if word not in _POLITE]
    if bare != words and " ".join(bare) in STOP:
        return True
    return (
        "stop" in bare
        and not any(word in ("dont", "never", "not", "no") for word in bare)
        and (all(word == "stop" or word in _ASKING for word in bare))
    )


_POLITE = frozenset(
    {"please", "pls", "plz", "kindly", "ok", "okay", "now", "thanks", "thank", "you", "thx"}
    | {"just", "sir", "maam", "hi", "hello", "hey", "asap", "immediately", "right", "away", "again"}
    | {"today"}
)
_ASKING = frozenset(
    {"it", "this", "that", "these", "already", "can", "could", "would", "will", "i"}
    | {"said", "us", "me", "all", "so", "and", "yes", "im", "to"}
)

_BEGINS = re.compile(r"(stop|stopall|unsubscribe|revoke|opt ?out)\b")
_ELSEWHERE = re.compile(
    r"stop (by|in|at|over|on|off|around|near|here|there|for|light|sign|and|or|being|worrying|playing|selling"
    r"|wasting|watch|motion|loss|gap|go|start|smoking|drinking|eating|crying|lying|kidding|joking|thinking"
    r"|the (car|bus|train|presses|bill|war|steal|madness|show|music|count|bleeding))\b"
)
"""What follows "stop" at the beginning where it is about something else."""

_FEW = r"( \w+){0,3}"
_TEXTING = (
    r"(text(ing|in)?|messag(e|ing|in)|sms(ing)?|contact(ing)?|spam(ming)?|bother(ing)?|harass(ing)?|writ(e|ing)"
    r"|reach(ing)? out|ping(ing)?|buzz(ing)?|blow(ing)? up|send(ing)?|call(ing)?)"
)
_TEXTS = r"(texts?|messages?|msgs?|sms|spam|notifications?|alerts?|promos?|promotions?|ads?|offers?|junk)"
_NEVER = r"(dont|do not|never)"

_OFF_THE_LIST = (
    r"(remove|unsubscribe|delete|drop|take|get|erase|scratch|cross|pull|opt|keep) "
    rf"(me|us|my){_FEW} (off|out|from)",
    r"(remove|unsubscribe|delete|erase|forget|block) (me|us|my (number|phone|info|data|name|cell))",
    r"^(remove|take|delete) this (number|phone)",
    r"(remove|take|delete) this (number|phone)( number)? (from|off)",
    r"(lose|forget|drop) (my|this) (number|digits|phone)",
    r"take (my|this) (number|name|phone)( \w+)? (off|out)",
    r"be (removed|unsubscribed|deleted|taken off)",
    r"unsubscrib(e|ed|ing)",
    r"opt(ed|ing)? (me |us |my number )?out",
)
_NO_MORE_TEXTS = (
    r"(stop|quit|cease|knock off|enough with) "
    rf"(all |with |with all )?(the |your |these |those |this |ur |sending )*({_TEXTS}|stuff)",
    rf"(stop|quit|cease)( \w+)? {_TEXTING}(?! (while|and driv\w+|him|her|them|his|your (ex|friends?)))",
    rf"({_NEVER}|no longer|not to|must not|may not|shouldnt|should not|not) (ever )?{_TEXTING}"
    r" (me|us|this (number|phone)|my (phone|number|cell)|here|again|any ?more)",
    rf"{_NEVER} (ever )?(text|message|contact|sms|spam)$",
    rf"{_NEVER} (ever )?send (me |us )?(any ?more|more|another|any|these|this|your|further|anything){_FEW}",
    rf"{_NEVER} contact",
    rf"no (more|further) (of )?(these |this |your |those )?({_TEXTS}|texting|messaging|contact|of this)",
    rf"(no|without) (unwanted|unsolicited) {_TEXTS}",
    rf"(end|cancel) (this|these|the|my|all) (\w+ )?(subscription|{_TEXTS})",
    r"(dont|do not|no longer|never|didnt) (want|wish|need|care|like|agree|consent|ask)( to| for)?"
    rf"( \w+){{0,4}} ({_TEXTS}|texted|messaged|contacted|bothered|spammed|from you|hear from (you|u))",
    r"(dont|do not|no longer) (want|need) (any of )?(this|these|those|it|any ?more)( any ?more)?$",
    r"(no longer|not) wish to (be|receive|get|hear)",
    r"(tired|sick|fed up)( \w+){0,3} (of|with) "
    rf"(your|these|the|all|getting|this|ur){_FEW} ({_TEXTS}|texting)",
)
_NO_CONSENT = (
    r"(revoke|withdraw|retract|rescind|cancel|pull)\w* (my |our |all |any )?"
    r"(consent|permission|authorization|opt ?in|subscription|texts?|messages?|alerts?|notifications?)",
    rf"({_NEVER}|without|no longer)( \w+)? (have |had )?(my |our )?(consent|permission)",
    r"(never|didnt|did not)( \w+)? (sign(ed)? up|agreed?|opt(ed)? in|consent(ed)?|subscribed?|g[ai]ve you)",
    r"(have|got|texting|reached|texted|its|is) (the |a )?wrong (number|person)",
    r"^(sorry )?wrong (number|person)",
)
_ANNOYED = (
    r"leave (me|us|my (phone|number)) (the \w+ )?(alone|be|in peace)",
    r"(not|no longer|never) interested",
    r"(cease and desist|do not call list|dnc list|reported? (you|this|as spam)|reporting (you|this)|is spam)",
    r"(my lawyer|sue you|tcpa)",
    r"^(go away|get lost|piss off|fuck off|f off|buzz off|screw you|shut up|bug off)",
)
_SPANISH = (
    r"(no|dejen?|deja|dejar|paren?|para|basta) (de |con )?(me |mas )?(mas )?"
    r"(env\w+|mand\w+|escrib\w+|molest\w+|contact\w+|textear\w*|mensajes)",
    r"no (quiero|deseo) (recibir |mas |sus |estos )*(mensajes|textos|sms)",
    r"(quit|borr|elimin|sac)\w*(me|enme) (de|del)|quitenme|borrenme|(dar|den|darme|denme|me) de baja|^baja$",
)
_FRENCH = (
    r"ne (plus )?(me )?m?(env|contact|ecri)\w+",
    r"(arret|cess)\w* (de )?(me )?m?(env|contact|ecri)\w+",
    r"desabonn\w+|desinscri\w+|laisse\w* moi tranquille|(retirez|enlevez|supprimez) (moi|mon numero)",
)
_WISHES = (*_OFF_THE_LIST, *_NO_MORE_TEXTS, *_NO_CONSENT, *_ANNOYED, *_SPANISH, *_FRENCH)
_WISH = re.compile("|".join(rf"\b(?:{wish})\b" for wish in _WISHES))

_TURNED_ROUND = re.compile(
    r"\b(dont|do not|never|not|cant|can not|cannot|couldnt|wont|will not|didnt|did not|wouldnt|shouldnt"
    r"|(did|have|has|if|when|why (did|do|dont|cant)|before|until|unless) (you|u|they|we|it))"
    r"( (you|u|i|we|please|ever|want|wanna|need|have|dare|to|going|just))*\s$"
)
"""Words before a wish that say the opposite: "don't stop texting me", "why did you stop sending them?"."""
