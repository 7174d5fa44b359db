import { formatMessage, type Lang, type MessageValues } from './format.ts'

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
 * Composes a mail from the message files: plain text, and the same as accessible HTML (a title, its language, paragraphs, one
 * link that says where it leads, both colour schemes). Values are text: their content is escaped.
 */
export function composeMail(lang: Lang, { key, values, link, annex }: MailParts): MailContent {
  const subject = oneLine(formatMessage(lang, `${key}.subject`, values))
  const paragraphs = paragraphsOf(formatMessage(lang, `${key}.body`, values))
  const signature = formatMessage(lang, 'mail.signature', { contact: '', ...values })
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
