import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

// `npm run docs:site` builds the site of docs/ into site/dist, static files that any web server serves. DOCS_BASE is its
// path there (/). Only the first run needs the network: `npm ci` in site/, whose lock file is its own (ADR 64).
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SITE = join(ROOT, 'site')
const CONTENT = join(SITE, 'src/content/docs')
const BASE = (process.env.DOCS_BASE ?? '/').replace(/\/$/, '')

interface PageFile {
  /** Path in the project. */
  readonly file: string
  readonly language: 'fr' | 'en'
  /** Address on the site, without its base. */
  readonly path: string
  readonly title: string
  readonly body: string
}

interface Section {
  readonly label: string
  readonly collapsed: boolean
  readonly pages: readonly { readonly title: string; readonly path: string }[]
}

const PROJECT_PAGES = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']
/** Pages that are in French although their name does not say so. */
const FRENCH = /^docs\/(guides\/|providers\/|security\/homologation\.md$)/
const ENGLISH_GUIDES = new Set(['docs/guides/simulator.md'])

function languageOf(file: string): 'fr' | 'en' {
  if (file.endsWith('.fr.md')) return 'fr'
  if (file.endsWith('.en.md')) return 'en'
  return FRENCH.test(file) && !ENGLISH_GUIDES.has(file) ? 'fr' : 'en'
}

function pathOf(file: string, language: 'fr' | 'en'): string {
  const name = file
    .replace(/^docs\//, '')
    .replace(/(\.(fr|en))?\.md$/, '')
    .toLowerCase()
  const place = PROJECT_PAGES.includes(file) ? `project/${name}` : name
  return `${language === 'en' ? '/en' : ''}${place === 'readme' ? '' : `/${place}`}`
}

function readPages(): PageFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', 'docs/*.md'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  return [...listed.trim().split('\n'), ...PROJECT_PAGES].map((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const [line = '', heading = file] = /^# (.+)\n/m.exec(text) ?? []
    const language = languageOf(file)
    const title = heading.replaceAll(/[`*]/g, '')
    return { file, language, path: pathOf(file, language), title, body: text.replace(line, '') }
  })
}

const pages = readPages()
const byFile = new Map(pages.map((page) => [page.file, page]))

/** Copies a file that a page shows or offers. @returns its address */
function publish(file: string): string {
  const target = join(SITE, 'public/files', file)
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(join(ROOT, file), target)
  return `${BASE}/files/${file}`
}

/** Leads a link of a page to the site; what the site does not have keeps its words only. */
function rewriteLink(page: PageFile, whole: string, label: string, target: string): string {
  if (/^([a-z]+:|#)/.test(target)) return whole
  const [path = '', anchor] = target.split('#')
  const file = posix.normalize(posix.join(posix.dirname(page.file), path))
  // The twin in the language of the page, if there is one.
  const french = file.replace(/\.md$/, '.fr.md')
  const twin = page.language === 'fr' && french !== page.file ? byFile.get(french) : undefined
  const to = (anchor === undefined ? twin : undefined) ?? byFile.get(file)
  const image = whole.startsWith('!') ? '!' : ''
  if (to !== undefined) return `[${label}](${BASE}${to.path}/${anchor === undefined ? '' : `#${anchor}`})`
  if (/\.(png|svg|webp|json)$/.test(file)) return `${image}[${label}](${publish(file)})`
  return label
}

/**
 * Puts no-break spaces where French has them, which the pages write as plain ones. Code stays as it is, and so do headings, by
 * whose words links find them.
 */
function spaceFrench(text: string): string {
  return text
    .split(/(^#.*$|`[^`\n]*`)/m)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll(/ ([:;?!»%€])/g, '\u00A0$1').replaceAll('« ', '«\u00A0'),
    )
    .join('')
}

function rewrite(page: PageFile): string {
  const link = /!?\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g
  return page.body
    .split(/(^ *```[\s\S]*?^ *```$)/m)
    .map((part, index) => {
      if (index % 2 === 1) return part
      const text = part.replaceAll(link, (whole, label, target) => rewriteLink(page, whole, label, target))
      return page.language === 'fr' ? spaceFrench(text) : text
    })
    .join('')
}

function section(
  label: string,
  chosen: readonly PageFile[],
  options: {
    readonly collapsed?: boolean
    readonly first?: readonly string[]
    readonly prefix?: string
  } = {},
): Section {
  const { collapsed = false, first = [], prefix = '' } = options
  const rank = ({ path }: PageFile) => {
    const at = first.findIndex((name) => path.endsWith(`/${name}`))
    return at === -1 ? first.length : at
  }
  return {
    label,
    collapsed,
    pages: chosen
      .toSorted((a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file, 'en', { numeric: true }))
      .map(({ title, path }) => ({ title, path: `${prefix}${path}` })),
  }
}

const START = ['first-scheme', 'install']
const inFolder = (language: string, folder: string) =>
  pages.filter((page) => page.language === language && page.file.startsWith(`docs/${folder}/`))
const isStart = ({ path }: PageFile) => START.some((name) => path.endsWith(`/runbook/${name}`))
const hasTwin = ({ file }: PageFile) => byFile.has(file.replace(/\.md$/, '.fr.md'))
const english = pages.filter(({ language }) => language === 'en')
const operation = (language: string) => inFolder(language, 'runbook').filter((page) => !isStart(page))
const reference = english.filter(
  ({ file }) => /^docs\/(?!README)[^/]+\.md$/.test(file) || ENGLISH_GUIDES.has(file),
)
const navigation: Readonly<Record<'fr' | 'en', readonly Section[]>> = {
  fr: [
    section('Commencer', inFolder('fr', 'runbook').filter(isStart), { first: START }),
    section('Exploiter', operation('fr')),
    section('Fournisseurs de SMS', inFolder('fr', 'providers'), { first: ['providers/readme'] }),
    section('Guides', inFolder('fr', 'guides'), { first: ['operator', 'aujourdhui', 'adherents'] }),
    section('Sécurité', inFolder('fr', 'security')),
    section('En anglais', [...operation('en').filter((page) => !hasTwin(page)), ...reference], {
      collapsed: true,
    }),
  ],
  en: [
    section('Start', inFolder('en', 'runbook').filter(isStart), { first: START }),
    section('Operate', operation('en')),
    section('Reference', reference),
    section('Security', inFolder('en', 'security')),
    section(
      'Project',
      english.filter(({ file }) => PROJECT_PAGES.includes(file)),
    ),
    section('SMS providers (in French)', inFolder('fr', 'providers'), { collapsed: true, prefix: '/en' }),
    section('Guides (in French)', inFolder('fr', 'guides'), { collapsed: true, prefix: '/en' }),
    section('Security (in French)', inFolder('fr', 'security'), { collapsed: true, prefix: '/en' }),
    section('Decisions', inFolder('en', 'adr'), { collapsed: true }),
  ],
}

function writePages(): void {
  rmSync(CONTENT, { recursive: true, force: true })
  rmSync(join(SITE, 'public'), { recursive: true, force: true })
  for (const page of pages) {
    const target = join(
      CONTENT,
      `${page.path === '' || page.path === '/en' ? `${page.path}/index` : page.path}.md`,
    )
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(
      target,
      `---\ntitle: ${JSON.stringify(page.language === 'fr' ? spaceFrench(page.title) : page.title)}\n---\n${rewrite(page)}`,
    )
  }
  const french = new Set(pages.filter(({ language }) => language === 'fr').map(({ path }) => path))
  const redirects = Object.fromEntries(
    english
      .filter(({ path }) => path !== '/en' && !french.has(path.slice(3)))
      .map(({ path }) => [path.slice(3), `${BASE}${path}/`]),
  )
  writeFileSync(join(SITE, 'src/navigation.json'), JSON.stringify({ navigation, redirects }))
  const assets = join(SITE, 'src/assets')
  mkdirSync(assets, { recursive: true })
  mkdirSync(join(SITE, 'public'), { recursive: true })
  copyFileSync(
    join(ROOT, 'node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
    join(assets, 'inter.woff2'),
  )
  for (const to of [assets, join(SITE, 'public')])
    copyFileSync(join(ROOT, 'web/public/tocsin.svg'), join(to, 'tocsin.svg'))
}

writePages()
const options = {
  cwd: SITE,
  stdio: 'inherit',
  env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
} as const
if (!existsSync(join(SITE, 'node_modules/astro'))) execFileSync('npm', ['ci', '--ignore-scripts'], options)
execFileSync(join(SITE, 'node_modules/.bin/astro'), ['build'], options)
console.log(`${pages.length} pages in site/dist`)
