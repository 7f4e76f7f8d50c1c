/* Makes the text field of /sparql an editor. Without this file, the page does the same with the plain field. */
"use strict";

(() => {
  const MOST = 60;
  const KINDS = { classes: "class", properties: "property", codes: "code" };
  const area = document.getElementById("query");
  const form = area.form;

  /* Prefixes, and of each term: its IRI, its name, its kind. */
  const known = fetch(area.dataset.terms).then((answer) => answer.json()).then((listed) => ({
    prefixes: listed.prefixes,
    terms: Object.keys(KINDS).flatMap((kind) =>
      Object.entries(listed[kind]).flatMap(([space, locals]) =>
        Object.entries(locals).map(([local, name]) => ({ iri: space + local, name, kind })))),
  }));

  /* What a suggestion is called, by its text. */
  const captions = new Map();

  const shortened = (iri, prefixes) => {
    const [prefix, space] = Object.entries(prefixes).find(([, start]) =>
      iri.startsWith(start) && /^[\w-]+$/.test(iri.slice(start.length))) || [];
    return prefix === undefined ? `<${iri}>` : `${prefix}:${iri.slice(space.length)}`;
  };

  /* 2 when what is typed begins the IRI, the local name or the English name, 1 when it is a part of a name, else 0. */
  const likeness = (term, typed) => {
    if (term.iri.startsWith(typed)) {
      return 2;
    }
    const names = typed.includes(":") ? [] : [term.iri.split(/[#/]/).pop().toLowerCase(), term.name.toLowerCase()];
    const at = names.map((name) => name.indexOf(typed.toLowerCase()));
    return at.includes(0) ? 2 : Number(at.some((place) => place > 0));
  };

  const suggestions = async (editor, token) => {
    const { prefixes, terms } = await known;
    const typed = (token.autocompletionString || "").trim();
    const before = editor.getPreviousNonWsToken(editor.getDoc().getCursor().line, token).string;
    const first = before === "a" || before === "rdf:type" ? "classes" : "properties";
    const found = terms.map((term) => ({ ...term, likeness: likeness(term, typed) })).filter((term) => term.likeness);
    found.sort((one, other) => (other.kind === first) - (one.kind === first) || other.likeness - one.likeness);
    return found.slice(0, MOST).map(({ iri, name, kind }) => {
      const text = shortened(iri, { ...editor.getPrefixesFromQuery(), ...prefixes });
      captions.set(text, name ? `${name} · ${KINDS[kind]}` : KINDS[kind]);
      return text;
    }).filter((text) => text !== token.string.trim());
  };

  const draw = (element, _all, hint) => {
    element.textContent = hint.text;
    element.appendChild(document.createElement("small")).textContent = captions.get(hint.text);
  };

  Yasqe.forkAutocompleter("property", {
    name: "terms",
    bulk: false,
    persistenceId: null,
    get: suggestions,
    isValidCompletionPosition: (editor) => {
      const token = editor.getCompleteToken();
      return token.string.trim() !== "" && token.type !== "comment" && !/^["'?$#{}();.,]/.test(token.string);
    },
    postProcessSuggestion: (_editor, _token, text) => text,
    postprocessHints: (_editor, hints) => hints.map((hint) => ({ ...hint, render: draw })),
  }, false);
  Yasqe.forkAutocompleter("prefixes", {
    name: "our-prefixes",
    persistenceId: null,
    get: () => known.then(({ prefixes }) => Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort()),
  }, false);

  /* Not among the options, which are merged with the defaults place by place: that keeps a completer that asks elsewhere. */
  Yasqe.defaults.autocompleters = ["variables", "our-prefixes", "terms"];
  const place = document.createElement("div");
  area.after(place);
  const run = () => form.requestSubmit();
  const editor = new Yasqe(place, {
    value: area.value,
    prefixCcApi: null,
    persistenceId: null,
    createShareableLink: null,
    consumeShareLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "",
    viewportMargin: Infinity,
    /* Tab leads on, as everywhere: nobody is kept in the editor. */
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": run, "Cmd-Enter": run, "Ctrl-S": false },
  });
  editor.on("autocompletionShown", (_editor, widget) => {
    widget.hints.setAttribute("aria-label", "Completions");
    widget.hints.tabIndex = 0;
  });

  const field = editor.getInputField();
  field.id = "query-editor";
  field.setAttribute("aria-describedby", ["query-help", area.getAttribute("aria-describedby")].filter(Boolean).join(" "));
  document.getElementById("query-label").htmlFor = field.id;
  document.getElementById("query-help").hidden = false;
  area.hidden = true;
  area.required = false;
  form.addEventListener("submit", () => { area.value = editor.getValue(); });

  const line = Number(area.dataset.line);
  if (line) {
    editor.getDoc().addLineClass(line - 1, "background", "wrong");
    editor.getDoc().setCursor({ line: line - 1, ch: Number(area.dataset.column) - 1 });
  }
})();
