"""Wishes in plain words: a table of what people write, and that no text takes long to read."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.keywords import STOP
from domain.revocations import asks_to_stop

WISHES = (
    "please leave me alone",
    "remove me from your list",
    "don't text me again",
    "Don’t text me",
    "dont ever text this number again",
    "do not contact me",
    "stop texting me",
    "STOP TEXTING ME!!!",
    "Stop please",
    "please stop",
    "Please stop.",
    "stop it",
    "STOP STOP STOP",
    "Can you please stop texting me?",
    "Could you stop sending me these",
    "quit texting me",
    "Quit sending me these messages",
    "Stop the messages",
    "stop with the texts",
    "take me off your list",
    "Take me off this list please",
    "please take my number off your list",
    "unsubscribe me",
    "How do I unsubscribe?",
    "Unsubscribe from this",
    "I want to opt out",
    "opt me out",
    "Opting out",
    "Please opt out",
    "no more texts",
    "No more messages please",
    "I no longer want to receive these messages",
    "I don't want to receive texts from you",
    "I do not wish to receive any more messages",
    "I don't want these texts anymore",
    "I don't want this",
    "I dont want to hear from you",
    "not interested",
    "Not interested, thanks",
    "No longer interested",
    "delete my number",
    "lose my number",
    "Remove my number from your database",
    "remove this number",
    "I revoke my consent",
    "I withdraw my consent to receive texts",
    "You do not have my permission to text me",
    "I never signed up for this",
    "I did not sign up for this",
    "I never agreed to this",
    "I didn't give you permission",
    "wrong number",
    "You have the wrong number",
    "Sorry, wrong number",
    "Who is this? Stop texting",
    "STOP, I don't know who this is",
    "Stop bothering me",
    "stop harassing me",
    "stop spamming me",
    "I'm sick of your texts",
    "so tired of getting these messages",
    "go away",
    "fuck off",
    "Cancel my subscription",
    "cancel these texts",
    "end this subscription",
    "Please cancel",
    "pls remove",
    "unsuscribe? please stop messages",
    "ok stop",
    "I said stop",
    "Leave us alone please",
    "leave me the hell alone",
    "Never message me again",
    "Please do not send me any more",
    "don't send me anything",
    "do not text",
    "Get me off this list",
    "take me off",
    "Remove me",
    "Cease all messages",
    "I would like to be removed from your texts, stop",
    "please remove me from this",
    "This is spam",
    "I'm reporting you",
    "no me envíen más mensajes",
    "No me manden mensajes",
    "dejen de enviarme mensajes",
    "Deja de escribirme",
    "quiten mi numero, no quiero recibir mensajes",
    "Quítenme de la lista",
    "darme de baja",
    "Arrêtez de m'envoyer des messages",
    "désabonnez-moi",
    "Laissez-moi tranquille",
    "Ne m'envoyez plus de messages",
    "stop sending me crap",
    "Please quit",
    "stop contacting this number",
    "i keep asking you to stop texting me",
    "I need you to stop messaging my phone",
    "I don't want any more messages",
    "Don't message me anymore",
    "Kindly remove me from your contacts",
    "enough with the texts",
    "STOP texting",
    "stop texts",
    "I'm not interested please take me off",
    "pls stop",
    "unsubscribe pls",
    "Remove this number",
    "I do not consent to these messages",
    "stop",
    "¡No me manden más mensajes!",
)

NONE = (
    "We have got to STOP this bill",
    "What time do you open tomorrow?",
    "Stop by the store tomorrow?",
    "I'll stop by at 5",
    "Can I stop in later",
    "bus stop on 5th",
    "don't stop texting me",
    "please don't stop",
    "Don't stop sending these, I love them",
    "Why did you stop sending the catalog?",
    "never stop",
    "don't remove me from the list",
    "Please don't take me off the list",
    "I don't want to opt out",
    "don't unsubscribe me",
    "Cancel my order please",
    "Can I cancel my appointment?",
    "end of month works",
    "The end",
    "Remove the pickles please",
    "quit smoking 2 years ago",
    "Yes",
    "Yes please",
    "No",
    "no thanks",
    "thank you",
    "ok",
    "How much is it?",
    "I want the blue one",
    "I don't want the blue one",
    "I didn't get my order",
    "My package never arrived",
    "Do you have this in red?",
    "When does the sale stop?",
    "Does the offer end tonight?",
    "I can't stop laughing",
    "Stop sign is down on Main St",
    "My husband told me to stop texting while driving",
    "Please send me the link",
    "text me when it is ready",
    "Call me back please",
    "Leave the package at the door",
    "Take me to your leader",
    "info",
    "Is the shop open on Sunday?",
    "I lost my number 3 ticket",
    "I never got the code",
    "Can you take $5 off my bill?",
    "I am interested",
    "very interested",
    "Not sure",
    "Interested? yes",
    "who is this",
    "What is this about",
    "I already bought one",
    "Don't forget my discount",
    "Can I get the 10% off?",
    "Where do you stop on your tour?",
    "non stop fun",
    "I didn't know you were open",
    "I have the wrong size",
    "You sent the wrong item",
    "Send more",
    "more messages like this please",
    "I love your texts",
    "Great ad!",
    "Do you call this a sale lol",
    "Will you be there at 5?",
    "Never mind",
    "I can not make it",
    "Removed the old one, send new",
    "Start",
    "help",
    "",
    "...",
    "👋",
    "Don't you ever stop sending these, they are great",
    "Can you stop by?",
    "How do I get my discount?",
    "Please contact me",
    "I want to unsub... just kidding, when do you open?",
)


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_not_to_be_texted_is_seen(text: str) -> None:
    assert asks_to_stop(text)


@pytest.mark.parametrize("text", NONE)
def test_what_is_about_something_else_is_none(text: str) -> None:
    assert not asks_to_stop(text)


@given(st.sampled_from(WISHES), st.sampled_from(["", "!", "...", " 😡", " ?!"]), st.booleans())
def test_case_accents_and_punctuation_make_no_difference(text: str, end: str, loud: bool) -> None:
    assert asks_to_stop((text.upper() if loud else text) + end)


@given(st.sampled_from(sorted(STOP)))
def test_a_keyword_with_a_please_is_one(word: str) -> None:
    assert asks_to_stop(f"Please {word}!")
    assert asks_to_stop(f"{word}, thanks")


@given(st.text(max_size=2_000))
def test_any_text_can_be_read(text: str) -> None:
    assert asks_to_stop(text) in (True, False)


@pytest.mark.parametrize(
    "piece", ["dont want to ", "remove me ", "i dont want a ", "no me ", "stop the ", "a "]
)
def test_no_text_is_slow_to_read(piece: str) -> None:
    begun = time.process_time()
    asks_to_stop(piece * 400 + "x")
    assert time.process_time() - begun < 5  # what backtracks without end would take for ever
