// Judges the HTML of mails: node lint.mjs FOLDER. Prints what was found and counts it; fails if there is an error that
// the list below does not explain. Nothing is asked of any server.
import fs from "node:fs";
import path from "node:path";
import { auditEmail } from "@emailens/engine";
import { caniemail } from "caniemail";

// What a program may lack because the mail is whole without it: name of the feature, and why it is there all the same.
const EXTRAS = {
  "@media": "small screens and dark mode get more; everybody else gets the inline styles",
  "prefers-color-scheme": "dark mode, where it is known",
  "color-scheme": "dark mode, where it is known",
  "color-scheme meta tag": "dark mode, where it is known",
  "color-scheme CSS property": "dark mode, where it is known",
  ":root": "stands for dark mode alone",
  ":hover": "an underline under the pointer",
  "Type selector": "in <style> alone, which is extra as a whole",
  "Class selector": "in <style> alone, which is extra as a whole",
  "Grouping selectors": "in <style> alone, which is extra as a whole",
  "Descendant combinator": "in <style> alone, which is extra as a whole",
  "!important keyword": "how <style> wins over inline styles where <style> is known at all",
  "<style> element": "extra as a whole",
  "<body> element": "programs that put the mail into a page of theirs drop it; the table inside carries the same colours",
  "lang attribute": "for screen readers; elsewhere it does nothing",
  "role attribute": "for screen readers; elsewhere it does nothing",
  "height property": "Yahoo and AOL read it as min-height, which is as good",
  "height attribute": "HEY drops it and reads the style that says the same",
  "width attribute": "HEY drops it and reads the style that says the same",
  "word-break": "for a word longer than a phone is wide; where it is not known, one scrolls",
  "white-space": "keeps the number on one line; where it is dropped, the line is turned and nothing is lost",
  "border-radius": "corners of buttons",
  "text-decoration": "where it is dropped, headlines are underlined like any link",
};

// What is not asked of every sample: a mail to one person who asked, or to whoever runs this, is no letter; and a preview
// is a piece that stands on top of a letter, which says its language.
const NOT_ASKED = [
  [/^(confirmation|notice|preview|report)\./, "missing-unsubscribe"],
  [/^preview\./, "missing-lang"],
];

// Programs whose makers have given them up; their readers get the mail as HTML without style.
const GONE = ["outlook.windows-mail", "orange.*", "sfr.*"];

const CLIENTS = [
  "apple-mail.*", "gmail.*", "outlook.*", "yahoo.*", "aol.*", "samsung-email.android", "thunderbird.macos",
  "protonmail.*", "fastmail.desktop-webmail", "hey.desktop-webmail",
];

// caniemail has gaps: of a feature it knows nothing about for a client it says so by throwing. It is asked again without.
const judged = (client, html, css) => {
  for (let gap = 0; gap < 20; gap += 1) {
    try {
      return caniemail({ clients: [client], html, css }).issues.errors;
    } catch (error) {
      const feature = /Feature "(.+?)(?: CSS property)?" not found/.exec(error.message)?.[1];
      if (!feature) throw error;
      const declaration = new RegExp(`(^|[;{"\\s])${feature}\\s*:[^;}"]+`, "g");
      [html, css] = [html.replace(declaration, "$1"), css.replace(declaration, "$1")];
    }
  }
  throw new Error(`caniemail knows too little about ${client}`);
};

const found = new Map();
const note = (judge, what, where) => {
  const key = `${judge}: ${what}`;
  if (!found.has(key)) found.set(key, new Set());
  found.get(key).add(where);
};

const folder = process.argv[2];
const files = fs.readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
for (const name of files) {
  const html = fs.readFileSync(path.join(folder, name), "utf8");
  const audit = auditEmail(html, {});
  for (const warning of audit.compatibility.warnings) {
    if (warning.severity === "error" && !EXTRAS[warning.property]) {
      note("emailens", `${warning.property} (${warning.client})`, name);
    }
  }
  for (const [part, report] of Object.entries(audit)) {
    for (const issue of report.issues ?? []) {
      if (NOT_ASKED.some(([names, rule]) => names.test(name) && rule === (issue.rule ?? issue.type))) continue;
      if (issue.severity === "error") note(`emailens ${part}`, `${issue.rule ?? issue.type}: ${issue.message} ${issue.element ?? ""}`, name);
    }
  }
  if (audit.size.clipped) note("emailens size", audit.size.humanSize, name);
  const css = [...html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map((match) => match[1]).join("\n");
  for (const [client, errors] of CLIENTS.flatMap((client) => [...judged(client, html, css)])) {
    if (GONE.some((glob) => client.startsWith(glob.replace("*", "")))) continue;
    for (const error of errors) {
      if (!EXTRAS[error.title] && error.support === "none") note("caniemail", `${error.title} (${client})`, name);
    }
  }
}

for (const [what, where] of [...found].sort()) console.log(`${what}, in ${where.size} of ${files.length}`);
console.log(`${files.length} mails, ${found.size} errors`);
process.exit(files.length > 0 && found.size === 0 ? 0 : 1);
