import { execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { findInstalled } from '../support/installed.ts'
import { codeBlocks, readPage } from '../support/pages.ts'
import { freePort, startPostgres } from '../support/postgres.ts'
import { ROOT } from '../support/program.ts'

const TOOLS = ['mmdebstrap', 'buildah', 'bwrap']
const TAG = 'localhost/tocsin:test'
/** The parts of a Docker or compose file that the test reads. */
interface Service {
  readonly secrets: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly user: string
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly tmpfs: readonly string[]
  readonly volumes?: readonly string[]
}

function findLacking(): string | undefined {
  if (!process.env.TOCSIN_IMAGE) return 'takes minutes: npm run soak -- --only image'
  const lacking = TOOLS.filter((tool) => findInstalled(tool) === undefined)
  if (lacking.length > 0)
    return `${lacking.join(', ')} not installed: apt-get install mmdebstrap buildah crun bubblewrap`
  return process.getuid?.() === 0 ? undefined : 'it makes a Debian root, as root only'
}

const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e8 }).trim()

test('the image is built by its Dockerfile, and the compose file starts it: no right, a read-only root, healthy', async ({
  skip,
}) => {
  const lacking = findLacking()
  skip(lacking !== undefined, lacking)
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-image-'))
  const images = openImages(directory)
  onTestFinished(() => {
    images.close()
    rmSync(directory, { recursive: true, force: true })
  })
  images.makeBase()
  images.build()
  const { config, root } = images.open()
  const compose = parse(readFileSync(join(ROOT, 'deploy/docker/compose.yaml'), 'utf8')) as {
    readonly services: Readonly<Record<'migrate' | 'tocsin', Service>>
  }
  const server = await startPostgres({ roles: false })
  onTestFinished(() => server.stop())
  const provider = await startSmsc({
    answersAs: 'PROVIDER',
    account: { systemId: 'ACCOUNT', password: 'PASSWORD' },
  })
  onTestFinished(() => provider.stop())
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  await admin.query('create database tocsin')
  await admin.end()
  const inDatabase = new pg.Client({ connectionString: server.urlOf('tocsin') })
  await inDatabase.connect()
  await inDatabase.query(readFileSync(join(ROOT, 'deploy/docker/roles.sql'), 'utf8'))
  await inDatabase.end()

  const here = join(directory, 'server')
  mkdirSync(join(here, 'volume'), { recursive: true })
  chownSync(join(here, 'volume'), 10001, 10001)
  const port = await freePort()
  const container = (service: Service, extra: Readonly<Record<string, string>> = {}) =>
    enter({ root, config, service, directory: here, extra })
  makeSecrets(here, server.port, () => container(compose.services.migrate))
  const settings = {
    ...settingsOf(codeBlocks(readPage('docs/runbook/docker.md'), 'ini')[0] ?? ''),
    TOCSIN_SMPP_HOST: '127.0.0.1',
    TOCSIN_SMPP_PORT: String(provider.port),
    TOCSIN_SMPP_TLS: 'false',
    PORT: String(port),
  }

  const migrated = container(compose.services.migrate, settings).run(compose.services.migrate.command ?? [])
  expect(await migrated.ended, migrated.output()).toBe(0)
  const { tocsin } = compose.services
  const program = container(tocsin, settings)
  const serving = program.run(tocsin.command ?? config.Cmd)
  const [word, ...check] = config.Healthcheck.Test
  expect(word).toBe('CMD')
  await expect.poll(() => program.exec(check).ended, { interval: 500, message: serving.output() }).toBe(0)
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  const status = readFileSync(`/proc/${serving.pid()}/status`, 'utf8')
  expect(status).toMatch(/^Uid:\s+10001\s+10001/m)
  expect(status).toMatch(/^CapBnd:\s+0+$/m)
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
  for (const path of ['/here', '/opt/tocsin/here', '/var/here'])
    expect(await program.exec(['sh', '-c', `: > ${path}`]).ended, path).not.toBe(0)
  for (const path of ['/tmp/here', '/var/lib/tocsin/here'])
    expect(await program.exec(['sh', '-c', `: > ${path}`]).ended, path).toBe(0)
  serving.stop()
  expect(await serving.ended, serving.output()).toBe(0)
  expect(await program.exec(check).ended).not.toBe(0)
}, 1_800_000)

/** The configuration of the containers of an image. */
interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly WorkingDir: string
  readonly Volumes: Readonly<Record<string, unknown>>
  readonly Healthcheck: { readonly Test: readonly string[] }
}

/** Builds images in a store of their own. */
function openImages(directory: string) {
  const buildah = (...args: string[]) =>
    run('buildah', ['--root', join(directory, 'store'), '--runroot', join(directory, 'run'), ...args])
  const base = /^FROM (\S+)$/m.exec(readFileSync(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8'))?.[1] ?? ''
  return {
    /** Makes what stands for the image of the first line: Debian of the same name, Node.js and npm of this machine. */
    makeBase() {
      const [, release = ''] = /^node:\d+-(\w+)-slim$/.exec(base) ?? []
      const root = join(directory, 'debian')
      run('mmdebstrap', ['--variant=minbase', release, root])
      const local = join(root, 'usr/local')
      cpSync(process.execPath, join(local, 'bin/node'))
      cpSync(join(run('npm', ['root', '--global']), 'npm'), join(local, 'lib/node_modules/npm'), {
        recursive: true,
      })
      run('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm')])
      const container = buildah('from', 'scratch')
      buildah('add', '--quiet', container, root, '/')
      buildah('commit', '--quiet', '--rm', container, base)
      rmSync(root, { recursive: true })
    },
    build() {
      const npm = (name: string) => run('npm', ['config', 'get', name])
      const settings = join(directory, 'npmrc')
      const authorities = npm('cafile')
      writeFileSync(settings, `registry=${npm('registry')}\n`)
      const mounts = [`${settings}:/root/.npmrc:ro`]
      if (existsSync(authorities)) {
        writeFileSync(settings, 'cafile=/run/authorities.pem\n', { flag: 'a' })
        mounts.push(`${authorities}:/run/authorities.pem:ro`)
      }
      const limits = ['nofile', 'nproc'].flatMap((name) => ['--ulimit', `${name}=8192:8192`])
      const build = [
        'build',
        '--quiet',
        '--isolation',
        'chroot',
        '--pull=never',
        '--format',
        'docker',
        ...limits,
      ]
      for (const mount of mounts) build.push('--volume', mount)
      buildah(...build, '--file', join(ROOT, 'deploy/docker/Dockerfile'), '--tag', TAG, ROOT)
    },
    open() {
      const inspected = JSON.parse(buildah('inspect', '--type', 'image', TAG)) as {
        readonly Docker: { readonly config: ImageConfig }
      }
      const container = buildah('from', '--pull=never', TAG)
      return { config: inspected.Docker.config, root: buildah('mount', container) }
    },
    close() {
      buildah('umount', '--all')
      buildah('rm', '--all')
    },
  }
}

/** Runs the lines of the page that make the secrets, as it does: `docker run` in a container as root. */
function makeSecrets(here: string, databasePort: number, container: () => Container): void {
  const block = codeBlocks(readPage('docs/runbook/docker.md'), 'sh').find((text) => text.includes('secrets'))
  for (const line of (block ?? '').trim().split('\n')) {
    const [, mount, target, command] =
      /^docker run --rm --user 0 --volume (\S+):(\S+) \S+ (.+)$/.exec(line) ?? []
    if (mount !== undefined && target !== undefined && command !== undefined)
      container().runOnce(command.split(' '), { user: '0', binds: [[join(here, mount), target]] })
    else
      execFileSync('sh', ['-ec', line.replaceAll('@postgres:5432', `@127.0.0.1:${databasePort}`)], {
        cwd: here,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
  }
}

const settingsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

interface Running {
  readonly ended: Promise<number>
  output(): string
  /** The process that the container runs first. */
  pid(): number
  stop(): void
}

interface Container {
  /** Runs the program of the image with these arguments. */
  run(args: readonly string[]): Running
  /** Runs another program in the container. */
  exec(command: readonly string[]): Running
  runOnce(
    args: readonly string[],
    how: { readonly user: string; readonly binds: readonly (readonly [string, string])[] },
  ): void
}

interface Entry {
  readonly root: string
  readonly config: ImageConfig
  readonly service: Service
  /** The directory with the secrets of the compose file and its volume. */
  readonly directory: string
  readonly extra: Readonly<Record<string, string>>
}

/** Enters an image as the compose file says, with the network of this machine. */
function enter({ root, config, service, directory, extra }: Entry): Container {
  const secretFiles = (
    parse(readFileSync(join(ROOT, 'deploy/docker/compose.yaml'), 'utf8')) as {
      readonly secrets: Readonly<Record<string, { readonly file: string }>>
    }
  ).secrets
  expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], user: config.User })
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...settingsOf(config.Env.join('\n')),
    ...extra,
    ...service.environment,
  }
  const mounts = ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run']
  mounts.push('--perms', '0755', '--dir', '/run/secrets')
  for (const path of service.tmpfs) mounts.push('--perms', '1777', '--tmpfs', path)
  for (const volume of Object.keys(config.Volumes)) mounts.push('--bind', join(directory, 'volume'), volume)

  function argsOf(command: readonly string[], user: string, binds: readonly string[]): string[] {
    // `docker run` of the page has a root that can be written to.
    const base = [user === '0' ? '--bind' : '--ro-bind', root, '/']
    const given = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])
    const cage = [
      '--die-with-parent',
      '--cap-add',
      'ALL',
      '--clearenv',
      ...given,
      '--chdir',
      config.WorkingDir,
    ]
    const rights = ['--reuid', user, '--regid', user, '--clear-groups', '--inh-caps=-all', '--no-new-privs']
    const bounding = user === '0' ? [] : ['--bounding-set=-all']
    return [...base, ...mounts, ...binds, ...cage, 'setpriv', ...rights, ...bounding, ...command]
  }
  const secrets = () =>
    service.secrets.flatMap((name) => [
      '--ro-bind',
      join(directory, secretFiles[name]?.file ?? ''),
      `/run/secrets/${name}`,
    ])
  const start = (command: readonly string[]) => startBwrap(argsOf(command, service.user, secrets()))
  return {
    run: (args) => start([...config.Entrypoint, ...args]),
    exec: start,
    runOnce(args, { user, binds }) {
      const bound = binds.flatMap(([from, to]) => ['--bind', from, to])
      run('bwrap', argsOf([...config.Entrypoint, ...args], user, bound))
    },
  }
}

function startBwrap(args: readonly string[]): Running {
  const options: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe'] }
  const child = spawn('bwrap', args, options)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const pid = () => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
  return {
    ended: once(child, 'close').then(([code]) => (code as number | null) ?? 137),
    output: () => output.slice(-4000),
    pid,
    stop: () => process.kill(pid(), 'SIGTERM'),
  }
}
