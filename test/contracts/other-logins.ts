/**
 * Files of the tests whose databases are not used with the login `tocsin_web`, and why. Everything else runs with it, which can
 * do the least. A test compares this list with the files (isolation.test.ts). What a test only arranges as the owner of the
 * tables (`asTableOwner`) is not on it.
 */
export const OTHER_LOGINS: Readonly<Record<'tocsin_engine' | 'owner', Readonly<Record<string, string>>>> = {
  tocsin_engine: {
    'src/audit/anchors/anchors.test.ts': 'Writes anchors and seals, which only processes that send may.',
    'src/audit/anchors/timestamps.test.ts':
      'Writes anchors and their timestamps, which only processes that send may.',
    'src/break-glass/break-glass.test.ts':
      'Seals the roles of the installation as a process that sends does; the rest is the web.',
    'src/demo/past.test.ts': 'Seals the facts as a process that sends does; the rest is the web.',
    'src/start/secrets/encrypted.test.ts':
      'Starts the program in service as one process, which refuses the login of the web.',
    'src/start/secrets/replaced-secret.test.ts':
      'Starts the program in service as one process, which refuses the login of the web.',
    'src/start/secrets/sealed.test.ts': 'Seals the facts as a process that sends does; the rest is the web.',
    'src/start/simulator.test.ts': 'Starts the program in service as one process or as a worker.',
    'test/chaos/full-disk.test.ts': 'Starts the program in service as one process.',
    'test/contracts/isolation.test.ts': 'Tests what each login may do.',
    'test/journeys/roles.test.ts':
      'Starts a worker; the processes of role web beside it log in as tocsin_web.',
    'test/journeys/start.test.ts': 'Starts the program in service as one process.',
    'test/journeys/stop.test.ts': 'Starts the program in service as one process.',
    'test/operations/backup.test.ts': 'Backs up with the login of a process that sends.',
    'test/operations/upgrade.test.ts': 'Starts the program in service as one process.',
    'test/support/engine-login.ts': 'Runs one piece of work as a process that sends does.',
    'test/support/global-setup.ts': 'The demo is one process, which also anchors and seals.',
    'test/support/postgres.ts': 'Creates both logins, as an administrator does.',
  },
  owner: {
    'src/cli/run.test.ts': 'The database has no tables yet, so that no login has a right.',
    'src/deliveries/claim/claims.test.ts':
      'Explains a statement that the engine runs as a service of all schemes.',
    'src/encryption/encryption.test.ts': 'The first encryption is carried out by the owner of the tables.',
    'src/platform/database/arrays.test.ts': 'The database has no tables.',
    'src/platform/http/live.test.ts': 'Stops and starts a server of its own, without tables.',
    'src/platform/database/migrate.test.ts': 'Migrates databases of its own.',
    'src/platform/database/replica.test.ts':
      'A pair of servers of its own, without the tables of the program.',
    'src/start/secrets/encrypted.test.ts': 'The first encryption is carried out by the owner of the tables.',
    'src/start/secrets/renewal.test.ts': 'An administrator changes the password of a login.',
    'src/start/schema.test.ts': 'An administrator makes a database of another encoding.',
    'src/start/secrets/sealed.test.ts': 'The first encryption is carried out by the owner of the tables.',
    'test/chaos/full-disk.test.ts': 'The program migrates a server of its own, whose disk is then filled.',
    'test/chaos/postgres.test.ts': 'The engine migrates a server of its own, which is then stopped.',
    'test/contracts/isolation.test.ts': 'Tests that the owner is refused in service.',
    'test/journeys/start.test.ts': 'The owner migrates an empty database, and is refused in service.',
    'test/operations/backup.test.ts':
      'Makes databases from dumps, and restores into them as the owner of the tables.',
    'test/operations/image.test.ts':
      'An administrator makes the roles on a server of its own, as the compose file does.',
    'test/operations/install.test.ts':
      'An administrator makes the roles on a server of its own, as the page says.',
    'test/operations/first-scheme.test.ts':
      'An administrator makes the roles on a server of its own, as the page says.',
    'test/operations/doctor.test.ts':
      'Gives the program the login of the owner, a fault that the doctor reports.',
    'test/operations/upgrade.test.ts': 'The owner of the tables migrates while the program runs.',
    'test/support/database.ts': 'Gives a database without tables to those who asked for one.',
    'test/support/demo.ts': 'Drops the database of a demo, and changes the time of its rows.',
    'test/support/encryption.ts': 'Carries out the first encryption, as the owner of the tables does.',
    'test/support/global-setup.ts': 'Creates and migrates the databases that are copied.',
    'test/support/owner-url.ts': 'Makes the URL of the owner.',
    'test/support/postgres.ts': 'Starts servers, and knows their owner.',
    'test/support/table-owner.ts': 'Arranges what no login of the program may do.',
    'test/support/world.ts': 'Makes databases of the benchmarks, which the engine migrates.',
    'test/upgrades/upgrades.test.ts': 'Migrates databases of earlier releases.',
  },
}
