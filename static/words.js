/* What scripts say, in the language of the page: the English text stands for all of them. */
"use strict";

const WORDS = JSON.parse(document.querySelector("meta[name=words]").content);

function inWords(text, values = {}) {
  return (WORDS[text] || text).replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? values[name] : whole));
}
