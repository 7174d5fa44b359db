import type { z } from 'zod'
import { settings } from '../config.ts'
import type { Lang } from '../i18n/format.ts'
import { fileVariableOf } from '../platform/process/secret-file.ts'

interface SettingLine {
  readonly name: string
  /** The variable that names the file of a secret. */
  readonly variable: string | undefined
  /** Default value; empty: none. */
  readonly initial: string
  readonly meaning: string
}

function listSettings(lang: Lang): SettingLine[] {
  return Object.entries(settings).map(([name, { schema, meaning, meaningFr, ...rest }]) => {
    const parsed = (schema as z.ZodType).safeParse(undefined)
    const initial = parsed.success && parsed.data !== undefined ? String(parsed.data) : ''
    const variable = 'secret' in rest ? fileVariableOf(name) : undefined
    return { name, variable, initial, meaning: lang === 'fr' ? meaningFr : meaning }
  })
}

/** Formats the settings as a list for the terminal. */
export function describeSettings(lang: Lang): string {
  return listSettings(lang)
    .map(({ name, variable, initial, meaning }) => {
      const file = variable === undefined ? '' : ` | ${variable}`
      return `${name}${initial === '' ? '' : `=${initial}`}${file}\n    ${meaning}\n`
    })
    .join('')
}

/** Renders docs/configuration.md. */
export function configurationPage(): string {
  const rows = listSettings('en').map(({ name, variable, initial, meaning }) => {
    const names = variable === undefined ? `\`${name}\`` : `\`${name}\` or \`${variable}\``
    const cells = [names, initial === '' ? '' : `\`${initial}\``, meaning.replaceAll('|', '\\|')]
    return `| ${cells.join(' | ')} |`
  })
  return `# Configuration

Settings are read at start, from the environment and from the file that \`--config FILE\` or \`TOCSIN_CONFIG\` names: lines
\`NAME=value\`, as in an EnvironmentFile of systemd or a \`.env\` file. The environment has the last word. A value with \`#\` needs
quotes, and a comment goes on a line of its own. An empty value counts as
absent. All problems are reported at once; \`tocsin config check\` reports them without a start, and names that are no settings.
\`tocsin config\` prints this list, in French or English. This page and \`.env.example\` are generated from
\`src/config.ts\` by \`npm run docs\`. The file of \`TOCSIN_GATEWAYS\` and the roles of processes are explained in
[docs/guides/routes.md](guides/routes.md).

A secret can be given by its name, or by the name with \`_FILE\` and the path of a file that holds it, as secrets of Docker, Kubernetes
and systemd are. The file is read at start, and again on SIGHUP (docs/runbook/secret.md); one line feed at its end is dropped. Giving both is refused. The same holds for the
variables that the file of \`TOCSIN_GATEWAYS\` names.

| Setting | Default | Meaning |
|---|---|---|
${rows.join('\n')}
`
}

/** Renders .env.example for `tocsin --config .env`: every setting, commented out, at its default. */
export function envExample(): string {
  const blocks = listSettings('en').map(
    ({ name, variable, initial, meaning }) =>
      `# ${meaning}\n# ${name}=${initial}\n${variable === undefined ? '' : `# ${variable}=\n`}`,
  )
  return `# Copy to .env, then: tocsin --config .env serve. Made from src/config.ts by npm run docs.\n\n${blocks.join('\n')}`
}
