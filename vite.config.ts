import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { IntlMessageFormat } from 'intl-messageformat'
import subsetFont from 'subset-font'
import { defineConfig, type Plugin } from 'vite'
import { operations } from './web/api/operations.ts'
import { isInPart, type TextPart } from './web/messages/parts.ts'

const COMPRESSIBLE = /\.(js|css|html|svg|json)$/

/** The tests of a machine that starts each from scratch set it: the best compression takes two thirds of the time of a build. */
const IS_QUICK = process.env.WEB_BUILD === 'quick'
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: IS_QUICK ? 4 : 11 } }
const GZIP = { level: IS_QUICK ? 1 : 9 }

const brotliOf = promisify(brotliCompress)
const gzipOf = promisify(gzip)

/** Writes .br and .gz beside each file, so that the server sends them without compressing anything itself. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const emit = async (fileName: string, source: Promise<Buffer>) =>
          this.emitFile({ type: 'asset', fileName, source: await source })
        // On all cores at once.
        await Promise.all(
          Object.entries(bundle)
            .filter(([fileName]) => COMPRESSIBLE.test(fileName))
            .flatMap(([fileName, output]) => {
              const bytes = Buffer.from(output.type === 'chunk' ? output.code : output.source)
              return [
                emit(`${fileName}.br`, brotliOf(bytes, BROTLI)),
                emit(`${fileName}.gz`, gzipOf(bytes, GZIP)),
              ]
            }),
        )
      },
    },
  }
}

/**
 * Writes the service worker of the portal (web/portal/worker.js) with the list of what the portal is made of: its own
 * files and those that they need, not one of the console. Named by its content, so that a new build is a new version.
 */
function portalWorker(): Plugin {
  return {
    name: 'portal-worker',
    apply: 'build',
    // After the build has taken out the files that came to nothing.
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const wanted = new Set<string>()
        const take = (fileName: string): void => {
          const output = bundle[fileName]
          if (output === undefined || wanted.has(fileName) || OTHER_LETTERS.test(fileName)) return
          wanted.add(fileName)
          if (output.type !== 'chunk') return
          const { importedCss = [], importedAssets = [] } = output.viteMetadata ?? {}
          for (const next of [...output.imports, ...importedCss, ...importedAssets]) take(next)
        }
        for (const [fileName, output] of Object.entries(bundle)) {
          if (output.type === 'chunk' && (output.isEntry || output.moduleIds.some((id) => PORTAL.test(id))))
            take(fileName)
        }
        const files = [...wanted].sort().map((fileName) => `/${fileName}`)
        const version = createHash('sha256').update(files.join()).digest('hex').slice(0, 12)
        const source = readFileSync('web/portal/worker.js', 'utf8')
          .replace(
            '__FILES__',
            JSON.stringify([...files, '/scheme.js', '/tocsin.svg', '/portail.webmanifest']),
          )
          .replace('__VERSION__', JSON.stringify(version))
        this.emitFile({ type: 'asset', fileName: 'portail-sw.js', source })
      },
    },
  }
}

/** Files of the font with letters that no French or English text needs. */
const OTHER_LETTERS = /inter-(?!latin-wght)[\w-]*\.woff2$/

/** Modules with which the portal begins: its screens, its components and its texts. */
const PORTAL =
  /\/web\/(?:portal\/(?:[\w-]+\/)?\w+\.tsx?|ui\/mantine\/mantine-portal\.ts|messages\/(?:fr|en)\.json\?portal$)/

/** The letters that the stylesheet of the font asks this file for (its unicode-range). */
const LATIN: readonly [from: number, to: number][] = [
  [0x20, 0x7e],
  [0xa0, 0xff],
  [0x131, 0x131],
  [0x152, 0x153],
  [0x2bb, 0x2bc],
  [0x2c6, 0x2c6],
  [0x2da, 0x2da],
  [0x2dc, 0x2dc],
  [0x2000, 0x206f],
  [0x20ac, 0x20ac],
  [0x2122, 0x2122],
  [0x2191, 0x2193],
  [0x2212, 0x2215],
]
/** Letters of French and English texts; the others are in a file of their own, for names. */
const COMMON =
  /[ -~\u00a0«»°·×²³€éèêëàâäîïôöùûüçÿœæÉÈÊËÀÂÄÎÏÔÖÙÛÜÇŸŒÆ\u2000-\u200f\u202f\u2011–—‘’“”•…‹›\u2192\u2212]/u
const FONT = 'inter-latin-wght-normal'

/** Returns the unicode-range of letters: U+20-7E,U+A0 */
function rangesOf(letters: readonly number[]): string {
  const hex = (letter: number) => letter.toString(16).toUpperCase()
  const ranges: [from: number, to: number][] = []
  for (const letter of letters) {
    const last = ranges.at(-1)
    if (last !== undefined && letter === last[1] + 1) last[1] = letter
    else ranges.push([letter, letter])
  }
  return ranges.map(([from, to]) => `U+${hex(from)}${to > from ? `-${hex(to)}` : ''}`).join()
}

/**
 * Keeps of the font the weights and features that the screens use, and of its letters the common ones: 17 KB in place of
 * 48. A page with another letter, such as the ñ of a name, loads the rest of them (8 KB).
 */
function trimFont(): Plugin {
  const letters = LATIN.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at))
  const isCommon = (letter: number) => COMMON.test(String.fromCodePoint(letter))
  const parts = { common: letters.filter(isCommon), other: letters.filter((letter) => !isCommon(letter)) }
  const trim = (font: Buffer, kept: readonly number[]) => {
    // A variable, since the types of the library do not know its `keepFeatures` yet.
    const options = {
      targetFormat: 'woff2',
      variationAxes: { wght: { min: 400, max: 700 } },
      keepFeatures: ['ccmp', 'kern', 'locl', 'mark', 'mkmk', 'tnum'],
    } as const
    return subsetFont(font, String.fromCodePoint(...kept), options)
  }
  return {
    name: 'trim-font',
    enforce: 'pre',
    apply: 'build',
    transform: {
      filter: { id: /@fontsource-variable\/inter\/wght\.css$/ },
      handler(code) {
        const face = code.split('@font-face').find((rule) => rule.includes(`${FONT}.woff2`)) ?? ''
        const ofPart = (part: keyof typeof parts) =>
          `@font-face${face.replace(/unicode-range: [^;]+/, `unicode-range: ${rangesOf(parts[part])}`)}`
        return { code: code.replace(`@font-face${face}`, ofPart('common') + ofPart('other')), map: null }
      },
    },
    async generateBundle(_options, bundle) {
      for (const [fileName, output] of Object.entries(bundle)) {
        if (output.type !== 'asset' || !(fileName.includes(FONT) && fileName.endsWith('.woff2'))) continue
        const font = Buffer.from(output.source)
        output.source = await trim(font, parts.common)
        const other = fileName.replace(FONT, 'inter-other')
        this.emitFile({ type: 'asset', fileName: other, source: await trim(font, parts.other) })
        for (const styles of Object.values(bundle)) {
          if (styles.type !== 'asset' || !styles.fileName.endsWith('.css')) continue
          const css = String(styles.source)
          // Of the two faces, the second.
          const at = css.lastIndexOf(fileName)
          if (at >= 0) styles.source = css.slice(0, at) + other + css.slice(at + fileName.length)
        }
      }
    },
  }
}

/**
 * Reads the messages of web/messages and src/guard/messages when building, so that browsers need no parser of them: a plain text stays a
 * text, one with values becomes what the parser makes of it.
 */
function compileMessages(): Plugin {
  return {
    name: 'compile-messages',
    enforce: 'pre',
    transform: {
      filter: {
        id: /\/(?:web|src\/guard)\/messages\/[a-z]+\.json(?:\?(?:room|public|portal|links|breakGlass|notices|rest))?$/,
      },
      handler(code, id) {
        const part = /\?(\w+)$/.exec(id)?.[1] as TextPart | undefined
        const texts = Object.entries(JSON.parse(code) as Record<string, string>).filter(
          ([key]) => part === undefined || isInPart(part, key),
        )
        const compiled = texts.map(([key, text]) => {
          const [first, ...others] = new IntlMessageFormat(text, 'fr').getAst()
          const plain = first !== undefined && others.length === 0 && first.type === LITERAL
          return [key, plain ? first.value : [first, ...others]]
        })
        const json = JSON.stringify(Object.fromEntries(compiled))
        // A part is a module already; the whole is left to what reads JSON.
        return { code: part === undefined ? json : `export default ${json}`, map: null }
      },
    },
  }
}

/** Has the page ask for the font with its scripts: in another font, texts would take other widths until it arrives, and move. */
function preloadFont(): Plugin {
  return {
    name: 'preload-font',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const font = Object.keys(bundle).find((name) => name.includes(FONT) && name.endsWith('.woff2'))
        if (font === undefined) throw new Error('the build has no font')
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${font}`, crossorigin: true }
        return [{ tag: 'link', attrs, injectTo: 'head' }]
      },
    },
  }
}

/** A call of the client, with its first argument: the id of an operation, or a choice of two. */
const API_CALL = /\b(?:callApi|urlOf|patternOf|listenToStream)(?:<[^>]*>)?\(([^,(){}]*)/g

/** A call with the id of an operation that `API_CALL` does not know, as after a function of the client was renamed. */
const OTHER_CALL = /(?<![.\w])\w+(?:<[^>]*>)?\(\s*'(\w+)'/g

/**
 * Puts the method and path of an operation where its id is used, so that each file has those that it needs: the table of
 * all of them takes 4 KB of every page.
 */
function putPathsInPlace(): Plugin {
  const isListed = (id: string): id is keyof typeof operations => Object.hasOwn(operations, id)
  return {
    name: 'paths-in-place',
    enforce: 'pre',
    apply: 'build',
    transform: {
      filter: { id: /\/web\/.*\.tsx?$/ },
      handler(code, id) {
        if (id.endsWith('/web/api/operations.ts'))
          return { code: 'export const operations = new Proxy({}, { get: (_, key) => key })', map: null }
        const placed = code.replace(API_CALL, (call: string, argument: string) => {
          const named = argument.replace(/'(\w+)'/g, (text, name: string) =>
            isListed(name) ? `'${operations[name]}'` : text,
          )
          // The client itself, whose functions take any.
          if (named === argument && !/^\s*id\b/.test(argument))
            this.error(`${id}: no operation is named in ${call}`)
          return call.slice(0, call.length - argument.length) + named
        })
        for (const [call, name = ''] of placed.matchAll(OTHER_CALL))
          if (isListed(name)) this.error(`${id}: the build does not know that ${call} names an operation`)
        return { code: placed, map: null }
      },
    },
  }
}

/** Colours of the library that no screen uses: two thirds of its variables. */
const UNUSED_COLORS =
  /--mantine-color-(?:pink|grape|violet|indigo|blue|cyan|teal|lime|yellow|orange)-[\w-]+:[^;}]*;?/g

function trimColors(): Plugin {
  return {
    name: 'trim-colors',
    enforce: 'pre',
    transform: {
      filter: { id: /default-css-variables\.layer\.css$/ },
      handler: (code) => ({ code: code.replaceAll(UNUSED_COLORS, ''), map: null }),
    },
  }
}

/** Files from which parts of the app are loaded. */
const ROOTS = {
  shell: /\/web\/console\/shell\/Shell\.tsx$/,
  room: /\/web\/console\/room\/AlertRoom\.tsx$/,
  map: /\/web\/console\/room\/audience\/Consequences\.tsx$/,
  portal: /\/web\/portal\/(?:[\w-]+\/)?\w+\.tsx$/,
  public:
    /\/web\/(?:start\/StartPage|verify\/VerifyPage|join\/(?:enrol\/Join|scheme\/(?:Scheme|Status|Privacy|Accessibility))Page)\.tsx$/,
  /** Public pages with styles of their own, before anybody has signed in. */
  linked:
    /\/web\/(?:portal\/frame\/PortalShell|break-glass\/BreakGlassPage|confirm\/ConfirmPage|invitation\/InvitationPage)\.tsx$/,
}

/** Finds which files parts of the app import without waiting, so that the build can put them together. */
function importGraph() {
  const reached = new Map<keyof typeof ROOTS, ReadonlySet<string>>()
  const plugin: Plugin = {
    name: 'import-graph',
    apply: 'build',
    buildEnd() {
      for (const [part, root] of Object.entries(ROOTS) as [keyof typeof ROOTS, RegExp][]) {
        const found = new Set([...this.getModuleIds()].filter((id) => root.test(id)))
        // Of a library that is imported as a whole, the build finds what is needed.
        for (const id of found)
          for (const next of this.getModuleInfo(id)?.importedIds ?? [])
            if (!next.includes('/node_modules/') || next.includes('/icons/')) found.add(next)
        reached.set(part, found)
      }
    },
  }
  const isOf = (part: keyof typeof ROOTS, id: string) => reached.get(part)?.has(id) === true
  /** Returns whether a public page needs a file that the console needs too. */
  const isShared = (id: string) =>
    (isOf('public', id) || isOf('linked', id)) && !LISTS.test(id) && (isOf('shell', id) || isOf('room', id))
  return { plugin, isOf, isShared }
}

const STYLES = /\.module\.css$/
const LISTS = /@mantine\/core\/esm\/components\/(Popover|Combobox|Select)\/|\/ui\/mantine\/mantine-lists\.ts$/
const FIELDS =
  /@mantine\/(core\/esm\/components\/(Input|InputBase|TextInput|Textarea)|hooks\/esm\/use-(merged-ref|uncontrolled))\//
/** Parts of lists and checkboxes that other components need too. */
const SMALL_PARTS =
  /@mantine\/core\/esm\/(components\/(Combobox\/(ComboboxChevron|get-parsed-combobox-data|Combobox\.module)|Checkbox\/CheckIcon)|core\/utils\/create-safe-context)|@mantine\/hooks\/esm\/utils\/use-callback-ref/
const SKELETON = /@mantine\/core\/esm\/components\/Skeleton\//

/** The parser's element type of text without a value. */
const LITERAL = 0

const graph = importGraph()

export default defineConfig({
  root: 'web',
  // Replaced by the server in each response (src/start/http/web.ts).
  html: { cspNonce: 'TOCSIN_NONCE' },
  plugins: [
    react(),
    compileMessages(),
    putPathsInPlace(),
    trimColors(),
    graph.plugin,
    trimFont(),
    preloadFont(),
    portalWorker(),
    precompress(),
  ],
  resolve: {
    alias: [
      {
        find: /^@formatjs\/icu-messageformat-parser$/,
        replacement: '@formatjs/icu-messageformat-parser/no-parser.js',
      },
    ],
  },
  worker: { format: 'es' },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // The names of all files are in the first one, where a hash cannot be compressed: seven letters tell apart enough.
        entryFileNames: 'assets/[name]-[hash:7].js',
        chunkFileNames: 'assets/[name]-[hash:7].js',
        assetFileNames: 'assets/[name]-[hash:7][extname]',
        codeSplitting: {
          // Small files shared by some screens are copied into each, with one state: half as many requests a screen. Those
          // with styles stay files: Vite would write their styles once a copy.
          experimentalInlineCommonChunks: { maxSize: 8500, exclude: /\.css$/ },
          groups: [
            // Needed by every page and rarely changed: browsers keep it between releases.
            {
              name: 'react',
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack(?![\\/](react-virtual|virtual-core)))[\\/]/,
              priority: 3,
            },
            { name: 'map', test: /node_modules[\\/](maplibre-gl|@maplibre)[\\/]/, priority: 3 },
            // The rest of what every page needs, in one file.
            { name: 'app', tags: ['$initial'], priority: 3 },
            // What public pages share with the console and its room.
            {
              name: 'public',
              test: (id) =>
                [SKELETON, FIELDS, SMALL_PARTS].some((part) => part.test(id)) || graph.isShared(id),
              priority: 2,
            },
            // The styles of public pages, in one file.
            { name: 'visitor', test: (id) => STYLES.test(id) && graph.isOf('public', id), priority: 1 },
            // Lists that open under a field.
            {
              name: 'lists',
              test: (id) => LISTS.test(id) && !SMALL_PARTS.test(id),
              priority: 2,
            },
            // The frame of the console, in one file, and what its room shares with other screens. The portal loads no more of the
            // console than the frame: what it shares with the room is in it.
            {
              name: 'shell',
              test: (id) => graph.isOf('shell', id) || (graph.isOf('portal', id) && graph.isOf('room', id)),
              priority: 1,
            },
            {
              name: 'room',
              test: (id) => graph.isOf('room', id) && !graph.isOf('public', id),
              minShareCount: 2,
              priority: 1,
            },
            // The side of the room with its map, which is loaded once the form is there.
            {
              name: 'consequences',
              test: (id) => graph.isOf('map', id) && !graph.isOf('public', id),
              minShareCount: 2,
              priority: 1,
            },
            // Styles of parts that several screens share: one request for those of the console and one for the others, not twenty.
            // Scripts without styles can be copied into each screen.
            { name: 'console', test: /\/web\/console\/.*\.module\.css$/, minShareCount: 3, priority: 1 },
            { name: 'parts', test: /\/web\/(?!console\/).*\.module\.css$/, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      // The client's own modules are under web/api: those are Vite's.
      '^/api/(?![a-zA-Z]+[.]ts)': { target: process.env.TOCSIN_API ?? 'http://127.0.0.1:3000' },
    },
  },
})
