import { z } from 'zod'
import { AppError, type Problem } from './errors.ts'

const bool = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1')
const port = z.coerce.number().int().min(0).max(65535)

/** Every setting: its environment name, default, and meaning in both languages. The documentation page is generated from this. */
export const settings = {
  PORT: {
    schema: port.default(3000),
    meaning: 'Port of the web server; 0: any free one, printed at start.',
    meaningFr: 'Port du serveur web ; 0 : un port libre, affiché au démarrage.',
  },
  HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    meaning: 'Address the web server listens on.',
    meaningFr: 'Adresse sur laquelle le serveur web écoute.',
  },
  TOCSIN_DATA_DIR: {
    schema: z.string().min(1).default('./data'),
    meaning:
      'Directory of the embedded database and of the demo. With DATABASE_URL, only a demo writes there: what its simulated SMS centre keeps.',
    meaningFr:
      'Dossier de la base embarquée et de la démonstration. Avec DATABASE_URL, seule une démonstration y écrit : ce que garde son centre SMS simulé.',
  },
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//)
      .refine((url) => URL.canParse(url))
      .optional(),
    meaning: 'PostgreSQL to use in place of the embedded database: postgres://user:password@host:5432/name.',
    meaningFr:
      'PostgreSQL à utiliser à la place de la base embarquée : postgres://utilisateur:motdepasse@hôte:5432/nom.',
  },
  DATABASE_POOL: {
    schema: z.coerce.number().int().min(2).max(100).default(8),
    meaning: 'Connections to PostgreSQL at most, 2 to 100 (the embedded database has one).',
    meaningFr: 'Nombre maximal de connexions à PostgreSQL, de 2 à 100 (la base embarquée n’en a qu’une).',
  },
  TOCSIN_DEMO: {
    schema: bool.optional(),
    meaning:
      'Demo mode: sample schemes and members, doors without password, simulated phones. Default: true until TOCSIN_SMPP_HOST, TOCSIN_SECRET or TOCSIN_BASE_URL is set. Refused on a database with real accounts.',
    meaningFr:
      'Démonstration : dispositifs et adhérents d’exemple, portes sans mot de passe, téléphones simulés. Par défaut : true tant que TOCSIN_SMPP_HOST, TOCSIN_SECRET et TOCSIN_BASE_URL sont absents. Refusée sur une base qui a de vrais comptes.',
  },
  TOCSIN_SECRET: {
    schema: z.string().min(32).optional(),
    meaning: 'Secret that signs sessions, 32 characters or more. Required outside demo mode.',
    meaningFr: 'Secret qui signe les sessions, 32 caractères au moins. Obligatoire hors démonstration.',
  },
  TOCSIN_BASE_URL: {
    schema: z.url().optional(),
    meaning: 'Address under which browsers reach the program. Required outside demo mode.',
    meaningFr: 'Adresse à laquelle les navigateurs trouvent le programme. Obligatoire hors démonstration.',
  },
  TOCSIN_SMPP_HOST: {
    schema: z.string().min(1).optional(),
    meaning: 'Host of the SMS provider (SMPP 3.4). Required outside demo mode.',
    meaningFr: 'Machine du fournisseur de SMS (SMPP 3.4). Obligatoire hors démonstration.',
  },
  TOCSIN_SMPP_PORT: {
    schema: port.default(2775),
    meaning: 'Port of the SMS provider.',
    meaningFr: 'Port du fournisseur de SMS.',
  },
  TOCSIN_SMPP_TLS: {
    schema: bool.default(true),
    meaning: 'TLS to the SMS provider.',
    meaningFr: 'TLS vers le fournisseur de SMS.',
  },
  TOCSIN_SMPP_SYSTEM_ID: {
    schema: z.string().max(15).default('tocsin'),
    meaning: 'SMPP system_id.',
    meaningFr: 'system_id SMPP, 15 caractères au plus.',
  },
  TOCSIN_SMPP_PASSWORD: {
    schema: z.string().max(8).default('tocsin'),
    meaning: 'SMPP password, 8 characters at most.',
    meaningFr: 'Mot de passe SMPP, 8 caractères au plus.',
  },
  TOCSIN_SMPP_LINKS: {
    schema: z.coerce.number().int().min(1).max(16).default(1),
    meaning: 'Parallel SMPP binds.',
    meaningFr: 'Connexions SMPP en parallèle, de 1 à 16.',
  },
  TOCSIN_SMPP_WINDOW: {
    schema: z.coerce.number().int().min(1).max(5000).default(500),
    meaning: 'Submissions without an answer at most, a bind. Also bounds what a crash can double.',
    meaningFr:
      'Envois sans réponse au plus, par connexion, de 1 à 5000. Borne aussi ce qu’un arrêt brutal peut doubler.',
  },
  TOCSIN_SMPP_BIND: {
    schema: z.enum(['transceiver', 'transmitterReceiver']).default('transceiver'),
    meaning: 'One bind both ways (transceiver), or two (transmitterReceiver) for providers that want so.',
    meaningFr:
      'Une connexion dans les deux sens (transceiver), ou deux (transmitterReceiver) pour les fournisseurs qui le demandent.',
  },
  TOCSIN_SMPP_CONCATENATION: {
    schema: z.enum(['udh', 'sar']).default('udh'),
    meaning: 'How the parts of a long message are tied: a header in the text (udh) or SAR parameters (sar).',
    meaningFr:
      'Lien entre les parties d’un long message : en-tête dans le texte (udh) ou paramètres SAR (sar).',
  },
  TOCSIN_IN_DOUBT_SECONDS: {
    schema: z.coerce.number().min(0).max(3600).default(20),
    meaning:
      'How long a submission without an answer waits for a receipt before it is sent again, marked as a possible duplicate.',
    meaningFr:
      'Secondes pendant lesquelles un envoi sans réponse attend un accusé avant d’être refait, marqué comme doublon possible.',
  },
  TOCSIN_MAP_TILES: {
    schema: z
      .string()
      .regex(/^https?:\/\/[^\s/{}]+\/.*\{z\}/)
      .optional(),
    meaning: 'Raster tiles behind the map, as https://host/{z}/{x}/{y}.png; none by default.',
    meaningFr: 'Tuiles d’image sous la carte, comme https://hôte/{z}/{x}/{y}.png ; aucune par défaut.',
  },
  TOCSIN_LOG_LEVEL: {
    schema: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
    meaning: 'Log level: silent, fatal, error, warn, info, debug or trace.',
    meaningFr: 'Niveau du journal : silent, fatal, error, warn, info, debug ou trace.',
  },
  TOCSIN_GEO_API: {
    schema: z.url().default('https://geo.api.gouv.fr'),
    meaning: 'Service the communes’ contours are imported from.',
    meaningFr: 'Service d’où viennent les contours des communes.',
  },
  TOCSIN_LANG: {
    schema: z.enum(['fr', 'en']).optional(),
    meaning: 'Language of the terminal: fr or en. Default: that of LANG when it is one of both, else fr.',
    meaningFr: 'Langue du terminal : fr ou en. Par défaut : celle de LANG si c’est l’une des deux, sinon fr.',
  },
} as const

type Values = { [K in keyof typeof settings]: z.infer<(typeof settings)[K]['schema']> }

export interface Config {
  readonly port: number
  readonly host: string
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly databasePool: number
  readonly demo: boolean
  readonly secret: string | undefined
  readonly baseUrl: string | undefined
  readonly smpp: {
    readonly host: string | undefined
    readonly port: number
    readonly tls: boolean
    readonly systemId: string
    readonly password: string
    readonly links: number
    readonly window: number
    readonly bindMode: Values['TOCSIN_SMPP_BIND']
    readonly concatenation: Values['TOCSIN_SMPP_CONCATENATION']
  }
  readonly inDoubtSeconds: number
  readonly mapTiles: string | undefined
  readonly logLevel: Values['TOCSIN_LOG_LEVEL']
  readonly geoApi: string
  readonly lang: 'fr' | 'en'
}

/**
 * Reads the settings from a record (process.env in main.ts, anything in tests). An empty value counts as absent.
 * @throws AppError `config_invalid` with every problem at once.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: Problem[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    const given = env[name] === '' ? undefined : env[name]
    const parsed = setting.schema.safeParse(given)
    if (parsed.success) values[name] = parsed.data
    else
      problems.push({
        code: 'config.value',
        path: name,
        values: { name, meaning: setting.meaning, meaningFr: setting.meaningFr },
      })
  }
  const v = values as Values
  const demo = v.TOCSIN_DEMO ?? !(env.TOCSIN_SMPP_HOST || env.TOCSIN_SECRET || env.TOCSIN_BASE_URL)
  if (!demo) {
    for (const name of ['TOCSIN_SECRET', 'TOCSIN_BASE_URL', 'TOCSIN_SMPP_HOST'] as const) {
      if (!env[name])
        problems.push({
          code: 'config.required',
          path: name,
          values: { name, meaning: settings[name].meaning, meaningFr: settings[name].meaningFr },
        })
    }
  }
  if (problems.length > 0) throw new AppError('config_invalid', { problems })
  return Object.freeze({
    port: v.PORT,
    host: v.HOST,
    dataDir: v.TOCSIN_DATA_DIR,
    databaseUrl: v.DATABASE_URL,
    databasePool: v.DATABASE_POOL,
    demo,
    secret: v.TOCSIN_SECRET,
    baseUrl: v.TOCSIN_BASE_URL,
    smpp: Object.freeze({
      host: v.TOCSIN_SMPP_HOST,
      port: v.TOCSIN_SMPP_PORT,
      tls: v.TOCSIN_SMPP_TLS,
      systemId: v.TOCSIN_SMPP_SYSTEM_ID,
      password: v.TOCSIN_SMPP_PASSWORD,
      links: v.TOCSIN_SMPP_LINKS,
      window: v.TOCSIN_SMPP_WINDOW,
      bindMode: v.TOCSIN_SMPP_BIND,
      concatenation: v.TOCSIN_SMPP_CONCATENATION,
    }),
    inDoubtSeconds: v.TOCSIN_IN_DOUBT_SECONDS,
    mapTiles: v.TOCSIN_MAP_TILES,
    logLevel: v.TOCSIN_LOG_LEVEL,
    geoApi: v.TOCSIN_GEO_API,
    lang: readLang(env),
  })
}

/** The language of the terminal. Read apart, since wrong settings are told in it too. */
export function readLang(env: Readonly<Record<string, string | undefined>>): 'fr' | 'en' {
  for (const value of [env.TOCSIN_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG]) {
    const lang = value?.slice(0, 2).toLowerCase()
    if (lang === 'fr' || lang === 'en') return lang
  }
  return 'fr'
}

/** Whether npm started this process: then it is npm's to end, and not to outlive it. */
export function isUnderNpm(env: Readonly<Record<string, string | undefined>>): boolean {
  return env.npm_lifecycle_event !== undefined
}
