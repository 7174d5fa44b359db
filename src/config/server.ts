import { isIP } from 'node:net'
import { z } from 'zod'
import { type Environment, port, type ValuesOf } from './setting.ts'

export const ROLES = ['all', 'web', 'worker'] as const
/** The role of a process of the installation. */
export type Role = (typeof ROLES)[number]

/** Networks of proxies: `loopback`, addresses, or networks as 10.0.0.0/8. A network of all addresses would be spoofed by all. */
const proxies = z.string().transform((text, context) => {
  const list = text.split(',').map((item) => item.trim())
  const isRight = (item: string) => {
    const [address = '', bits, ...rest] = item.split('/')
    const version = isIP(address)
    if (version === 0 || rest.length > 0) return item === 'loopback'
    if (bits === undefined) return true
    return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
  }
  if (list.every(isRight)) return list
  context.addIssue({ code: 'custom', message: 'addresses or networks, with commas between' })
  return z.NEVER
})

/** Settings of the web server, and what a process does. */
export const serverSettings = {
  PORT: {
    schema: port.default(3000),
    meaning: 'Port of the web server; 0: any free one, printed at start.',
    meaningFr: 'Port du serveur web ; 0 : un port libre, affiché au démarrage.',
  },
  HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    meaning:
      'Address the web server listens on. One that other machines reach ends the demo, unless TOCSIN_DEMO is true.',
    meaningFr:
      'Adresse sur laquelle le serveur web écoute. Si d’autres machines l’atteignent, il n’y a pas de démonstration, sauf si TOCSIN_DEMO vaut true.',
  },
  TOCSIN_TRUSTED_PROXIES: {
    schema: proxies.default(['loopback']),
    meaning:
      'Reverse proxies whose X-Forwarded-* headers are believed: addresses or networks with commas between, as 10.0.0.5,fd00::/8; loopback: this machine. Default: loopback. Behind a proxy on another host, everybody shares its address until it is set.',
    meaningFr:
      'Serveurs mandataires (reverse proxies) dont les en-têtes X-Forwarded-* sont crus : adresses ou réseaux séparés par des virgules, comme 10.0.0.5,fd00::/8 ; loopback : cette machine. Par défaut : loopback. Derrière un mandataire sur une autre machine, tout le monde partage son adresse tant que ce n’est pas réglé.',
  },
  TOCSIN_ROLE: {
    schema: z.enum(ROLES).default('all'),
    meaning:
      'What this process does: all; web (the console and the API, sends nothing) or worker (sends; answers on PORT only when it is set). web and worker need DATABASE_URL. `tocsin serve --role` prevails.',
    meaningFr:
      'Ce que fait ce processus : all (tout) ; web (la console et l’API, n’envoie rien) ou worker (envoie ; ne répond sur PORT que s’il est indiqué). web et worker demandent DATABASE_URL. `tocsin serve --role` l’emporte.',
  },
  TOCSIN_DATA_DIR: {
    schema: z.string().min(1).default('./data'),
    meaning:
      'Directory of the embedded database and of the demo. With DATABASE_URL, only a demo writes there: what its simulated SMS centre keeps.',
    meaningFr:
      'Dossier de la base embarquée et de la démonstration. Avec DATABASE_URL, seule une démonstration y écrit : ce que garde son centre SMS simulé.',
  },
} as const

/** Settings of the address of the program. */
export const addressSettings = {
  TOCSIN_BASE_URL: {
    schema: z.url().optional(),
    meaning: 'Address under which browsers reach the program. Required outside demo mode.',
    meaningFr: 'Adresse à laquelle les navigateurs trouvent le programme. Obligatoire hors démonstration.',
  },
} as const

/** Settings of a stop. */
export const stopSettings = {
  TOCSIN_DRAIN_SECONDS: {
    schema: z.coerce.number().int().min(0).max(300).default(0),
    meaning:
      'Seconds between a stop signal and the stop, 0 to 300: `/readyz` answers 503 meanwhile, so that a proxy sends no more requests, and everything else goes on. Longer than two health checks of the proxy.',
    meaningFr:
      'Secondes entre un signal d’arrêt et l’arrêt, 0 à 300 : `/readyz` répond 503 pendant ce temps, pour que le proxy n’envoie plus de requête, et tout le reste continue. Plus que deux contrôles du proxy.',
  },
} as const

type ServerValues = ValuesOf<typeof serverSettings & typeof addressSettings & typeof stopSettings>

/** The web server, and what a process does. */
export interface ServerConfig {
  readonly port: number
  /** Whether PORT was set: a worker listens only then. */
  readonly isPortSet: boolean
  readonly host: string
  /** Addresses and networks of the proxies that are trusted to forward the client's address. */
  readonly trustedProxies: readonly string[]
  readonly role: Role
  readonly dataDir: string
  readonly baseUrl: string | undefined
  /** Seconds between a stop signal and the stop. */
  readonly drainSeconds: number
}

/** Puts together the settings of the web server. */
export function toServerConfig(v: ServerValues, env: Environment): ServerConfig {
  return {
    port: v.PORT,
    isPortSet: Boolean(env.PORT),
    host: v.HOST,
    trustedProxies: v.TOCSIN_TRUSTED_PROXIES,
    role: v.TOCSIN_ROLE,
    dataDir: v.TOCSIN_DATA_DIR,
    baseUrl: v.TOCSIN_BASE_URL,
    drainSeconds: v.TOCSIN_DRAIN_SECONDS,
  }
}
