import type { z } from 'zod'
import { settings } from '../config.ts'
import type { Lang } from '../i18n/format.ts'

interface SettingLine {
  readonly name: string
  /** Default value; empty: none. */
  readonly initial: string
  readonly meaning: string
}

function listSettings(lang: Lang): SettingLine[] {
  return Object.entries(settings).map(([name, { schema, meaning, meaningFr }]) => {
    const parsed = (schema as z.ZodType).safeParse(undefined)
    const initial = parsed.success && parsed.data !== undefined ? String(parsed.data) : ''
    return { name, initial, meaning: lang === 'fr' ? meaningFr : meaning }
  })
}

/** Formats the settings as a list for the terminal. */
export function describeSettings(lang: Lang): string {
  return listSettings(lang)
    .map(({ name, initial, meaning }) => `${name}${initial === '' ? '' : `=${initial}`}\n    ${meaning}\n`)
    .join('')
}

/** Renders docs/configuration.md. */
export function configurationPage(): string {
  const rows = listSettings('en').map(({ name, initial, meaning }) => {
    const cells = [`\`${name}\``, initial === '' ? '' : `\`${initial}\``, meaning.replaceAll('|', '\\|')]
    return `| ${cells.join(' | ')} |`
  })
  return `# Configuration

Settings are read from the environment once, at start; all problems are reported at once. An empty value counts as absent.
\`tocsin config\` prints this list, in French or English. This page and \`.env.example\` are generated from
\`src/config.ts\` by \`npm run docs\`. The file of \`TOCSIN_GATEWAYS\` and the roles of processes are explained in
[docs/guides/routes.md](guides/routes.md).

| Setting | Default | Meaning |
|---|---|---|
${rows.join('\n')}
`
}

/** Renders .env.example for `node --env-file=.env`: every setting, commented out, at its default. */
export function envExample(): string {
  const blocks = listSettings('en').map(
    ({ name, initial, meaning }) => `# ${meaning}\n# ${name}=${initial}\n`,
  )
  return `# Copy to .env, then: node --env-file=.env bin/tocsin.js serve. Made from src/config.ts by npm run docs.\n\n${blocks.join('\n')}`
}
