// What scripts say, in the page's language: the messages are English, and texts.js beside the page has the others.

export const language = document.documentElement.lang;
const said = () => globalThis.deskTexts ?? {};
const filled = (message, values) => message.replace(/%\((\w+)\)s|%%/g, (all, name) => (name ? values[name] : "%"));
const category = new Intl.PluralRules(language);
/** For dates and times: in English, the browser has its own customs. */
export const locale = language === "en" ? undefined : language;
const numbers = new Intl.NumberFormat(locale);

/** The message in the page's language, with its values put in: text("%(name)s is typing…", { name }). */
export function text(message, values = {}) {
  return filled(said()[message] ?? message, values);
}

/** The form that the language has for a count, which is `%(num)s`. */
export function texts(one, other, count, values = {}) {
  const forms = said()[one] ?? { one, other };
  return filled(forms[category.select(count)] ?? forms.other ?? other, { num: numbers.format(count), ...values });
}

/** A number as the language writes it. */
export const number = (value) => numbers.format(value);
