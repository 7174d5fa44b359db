import { readablePhone } from '../message/phone.ts'
import { fillText } from './fill.ts'
import { formatMessage, type Lang, type MessageValue, type MessageValues } from './format.ts'
import {
  type MailWords,
  MEMBER_MAIL_NAMES,
  MEMBER_MAILS,
  type MemberMail,
  type OwnMails,
} from './member-mails.ts'

/** The content of a mail in the two forms in which it is sent. */
export interface MailContent {
  readonly subject: string
  readonly text: string
  /** A complete page with its own styles. */
  readonly html: string
}

export interface MailParts {
  /** `KEY.subject` is the subject and the title, `KEY.body` the body: paragraphs separated by empty lines. */
  readonly key: string
  readonly values: MessageValues
  /** The link of the single action below the body, labelled `KEY.action`. */
  readonly link?: string
  /** Text below it in small print, such as a charter. */
  readonly annex?: string
  /** The mails that the scheme words. */
  readonly own?: OwnMails
}

/** The contact of a scheme as it is stored: what it does not state is absent or empty. */
export interface StatedContact {
  readonly chamber?: { readonly phone?: string; readonly mail?: string }
  readonly dpo?: { readonly name?: string; readonly phone?: string; readonly mail?: string }
}

/** Returns what a signature says of a contact: of the chamber after its name, and of the data protection officer. */
export function signedContact({ chamber = {}, dpo = {} }: StatedContact): { contact: string; dpo: string } {
  const reached = ({ phone = '', mail = '' }) => [phone && readablePhone(phone), mail]
  const stated = reached(chamber).filter(Boolean).join(', ')
  return {
    contact: stated && ` (${stated})`,
    dpo: [dpo.name, ...reached(dpo)].filter(Boolean).join(', ') || 'none',
  }
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

/** A line break in the subject would start another header, or forge one. */
const oneLine = (text: string) => text.replace(/[\s--[\u00a0\u202f]]+/gv, ' ').trim()

/**
 * Composes a mail from the message files, or from the words of the scheme: plain text, and the same as accessible HTML (a title, its language, paragraphs, one
 * link that says where it leads, both colour schemes). Values are text: their content is escaped.
 */
export function composeMail(lang: Lang, { key, values, link, annex, own }: MailParts): MailContent {
  const words = wordsOf(lang, key, values, own)
  const subject = oneLine(words.subject)
  const paragraphs = paragraphsOf(words.body)
  const signature = formatMessage(lang, 'mail.signature', { contact: '', dpo: 'none', ...values })
  const action =
    link === undefined ? undefined : { label: formatMessage(lang, `${key}.action`, values), link }
  const annexParagraphs = annex === undefined ? [] : paragraphsOf(annex)
  return {
    subject,
    text: [
      ...paragraphs,
      ...(action === undefined ? [] : [`${action.label}${lang === 'fr' ? '\u00a0:' : ':'}\n${action.link}`]),
      signature,
      ...(annexParagraphs.length > 0 ? ['-----', ...annexParagraphs] : []),
      '',
    ].join('\n\n'),
    html: `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>
body { margin: 0; padding: 24px; background: #f3f5f8; color: #172033; font: 16px/1.5 system-ui, 'Segoe UI', Arial, sans-serif; }
main { max-width: 600px; margin: 0 auto; padding: 24px; background: #ffffff; border-radius: 8px; }
h1 { margin: 0 0 16px; font-size: 20px; line-height: 1.3; }
p { margin: 0 0 16px; white-space: pre-line; overflow-wrap: anywhere; }
a { color: #1d4f91; }
.small, .small p { font-size: 14px; }
hr { border: 0; border-top: 1px solid #c9d1dc; margin: 24px 0; }
@media (prefers-color-scheme: dark) {
  body { background: #0f1624; color: #e7ecf4; }
  main { background: #182235; }
  a { color: #9cc3ff; }
  hr { border-color: #3a475e; }
}
</style>
</head>
<body>
<main>
<h1>${escapeHtml(subject)}</h1>
${paragraphs.map(paragraph).join('\n')}
${action === undefined ? '' : `<p><a href="${escapeHtml(action.link)}" target="_blank" rel="noopener">${escapeHtml(action.label)}</a></p>`}
${paragraph(signature)}
${annexParagraphs.length === 0 ? '' : `<hr>\n<div class="small">\n${annexParagraphs.map(paragraph).join('\n')}\n</div>`}
</main>
</body>
</html>
`,
  }
}

const paragraphsOf = (text: string) =>
  text
    .split(/\n{2,}/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`

/** Returns the standard words of a mail as a scheme would write them. */
export function standardWords(lang: Lang, mail: MemberMail): MailWords {
  const { key, variables } = MEMBER_MAILS[mail]
  const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [value, `{${name}}`]))
  const words = (part: 'subject' | 'body') => formatMessage(lang, `${key}.${part}`, values)
  return { subject: words('subject'), body: words('body') }
}

/** Returns the words of a mail in a language: those of the scheme where it has any, otherwise the standard ones. */
export function wordsOf(lang: Lang, key: string, values: MessageValues, own: OwnMails = {}): MailWords {
  const mail = MEMBER_MAIL_NAMES.find((name) => MEMBER_MAILS[name].key === key)
  const words = mail === undefined ? undefined : own[mail]?.[lang]
  const filled: Readonly<Record<string, string>> =
    mail === undefined ? {} : variablesIn(lang, MEMBER_MAILS[mail].variables, values)
  const part = (name: 'subject' | 'body') => {
    const text = words?.[name] ?? ''
    // A sentence about a phone that the chamber has not given would have a hole.
    const hasHole = filled.telephone === '' && text.includes('{telephone}')
    return text === '' || hasHole ? formatMessage(lang, `${key}.${name}`, values) : fillText(text, filled)
  }
  return { subject: part('subject'), body: part('body') }
}

/** Values that messages may lack; they have `none` then. */
const OPTIONAL = new Set(['chamberPhone', 'note'])

/** Returns the value of each variable; empty: it is missing. */
function variablesIn(
  lang: Lang,
  variables: Readonly<Record<string, string>>,
  values: MessageValues,
): Record<string, string> {
  const textOf = (value: MessageValue = '') => String(typeof value === 'object' ? value[lang] : value)
  return Object.fromEntries(
    Object.entries(variables).map(([name, key]) => {
      const text = textOf(values[key])
      return [name, text === 'none' && OPTIONAL.has(key) ? '' : text]
    }),
  )
}
