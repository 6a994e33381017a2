"""Texts to read aloud for a recording: half a minute to a minute each, written for this app.

Each has most sounds of its language, a question, an exclamation and a number, so that a voice is
heard as it rises, falls and pauses; and they are told, not listed, so that people read them as
they speak.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """A language that there are texts in. `tag`: as in HTML (BCP 47)."""

    name: str
    tag: str
    texts: tuple[str, ...]


_ENGLISH = (
    "Last Saturday I got up at half past six, made some coffee and walked down to the market by "
    "the river. It was still quiet. A man was unloading crates of oranges, whistling to himself, "
    "and a girl with a huge yellow umbrella asked me, “Is this where the boats leave?” I had no "
    "idea, so we went looking together. We passed the church, the toy shop and about thirty-three "
    "pigeons before we found the jetty. And there it was: a little blue boat, just pulling away! "
    "She laughed, I shouted, and the captain, to my surprise, turned round. Sometimes it pays to "
    "make a bit of noise. Usually, though, I’d rather take my time, enjoy the view and catch the "
    "next one.",
    "My grandmother never wrote a recipe down. “Use your eyes,” she would say, “and then your "
    "nose.” So when she asked me to bake the apple cake for her eightieth birthday, I was, to be "
    "honest, terrified. How much sugar is a handful? How long is a while? I measured, I guessed, "
    "I rang my cousin twice. By four o’clock the kitchen was covered in flour, the dog was hiding "
    "under the table, and something in the oven smelled rather good. Thirteen people came. Nobody "
    "spoke for a moment. Then my grandmother put down her fork, looked straight at me and said: "
    "“Too much cinnamon.” A pause. “But joy in every bite!” I’ve made it every year since, with a "
    "little less cinnamon, and always with that same thrill of fear.",
)
_GERMAN = (
    "Neulich saß ich im Zug nach Köln, gleich am Fenster, und wollte eigentlich nur in Ruhe "
    "lesen. Draußen zogen Felder, Höfe und ein paar müde Pferde vorbei. Da beugte sich ein "
    "kleiner Junge zu mir herüber und fragte: „Weißt du, wie schnell wir gerade fahren?“ Ich "
    "schätzte hundertzwanzig. „Falsch!“, rief er und strahlte. „Zweihundertsieben!“ Er hatte es "
    "auf der Anzeige gelesen. Von da an gab es kein Halten mehr: Brücken, Tunnel, Bahnhöfe, über "
    "alles wusste er Bescheid. Als wir eine Dreiviertelstunde später ausstiegen, hatte ich keine "
    "einzige Seite geschafft. Aber ich habe mich köstlich amüsiert. Manchmal ist das schönste "
    "Gespräch eben das, mit dem man überhaupt nicht gerechnet hat. Und das Buch? Das läuft mir "
    "ja nicht weg.",
    "Am Freitag sind wir endlich umgezogen: vierter Stock, kein Aufzug, und natürlich hat es den "
    "ganzen Tag geregnet. Mein Bruder hatte versprochen, um neun zu kommen. Und wann stand er vor "
    "der Tür? Um Viertel vor zwölf, mit einer Tüte Brezeln und dem breitesten Grinsen der Welt. "
    "Böse sein konnte ihm keiner. Wir schleppten achtunddreißig Kisten nach oben, dazu das Sofa, "
    "zwei Schränke und Omas altes Klavier. Was für eine Plackerei! Gegen Abend saßen wir dann "
    "erschöpft auf dem Fußboden, aßen Pfannkuchen von Papptellern und hörten zu, wie der Regen "
    "gegen die Scheiben trommelte. „Eigentlich ganz gemütlich hier“, sagte meine Schwester leise. "
    "Sie hatte recht. Man braucht nicht viel, um sich zu Hause zu fühlen: ein Dach, ein bisschen "
    "Licht und Leute, die man mag.",
)
_SPANISH = (
    "El domingo pasado me levanté temprano y salí a caminar por el barrio. Hacía fresco, las "
    "calles estaban casi vacías y olía a pan recién hecho. En la esquina, un señor mayor regaba "
    "sus geranios y silbaba una canción antigua. «¿Sabe usted qué día es hoy?», me preguntó de "
    "pronto. Le dije que era domingo, veintitrés de mayo. «¡Entonces es mi cumpleaños!», exclamó, "
    "y se echó a reír. Cumplía ochenta y siete, y nadie se había acordado todavía. ¿Qué podía "
    "hacer yo? Crucé a la panadería, compré dos bollos con azúcar y una vela pequeña, y "
    "desayunamos juntos en un banco, a la sombra de un árbol. Hablamos de viajes, de lluvia y de "
    "fútbol. Desde aquel día, cada vez que paso por allí, me guarda una flor.",
    "Mi primer viaje en globo empezó con una discusión. Mi hermana estaba encantada; yo, la "
    "verdad, no lo tenía nada claro. «¿Y si nos quedamos sin aire caliente?», pregunté. El "
    "piloto, un hombre tranquilo con un bigote enorme, me miró y respondió: «Llevo mil doscientos "
    "vuelos y siempre he vuelto a casa». Subimos al amanecer. Al principio cerré los ojos y me "
    "agarré a la cesta con todas mis fuerzas; luego, poco a poco, dejé de temblar. Abajo quedaban "
    "los viñedos, el río y un pueblo diminuto con su iglesia. No se oía ni un ruido. ¡Qué "
    "maravilla! Hasta mi hermana, que habla por los codos, guardó silencio. Cuarenta minutos "
    "después aterrizamos en un campo de girasoles, entre las risas de unos chiquillos que corrían "
    "hacia nosotros. ¿Volvería a subir? Mañana mismo.",
)

LANGUAGES = (
    Language("English", "en", _ENGLISH),
    Language("Deutsch", "de", _GERMAN),
    Language("Español", "es", _SPANISH),
)
