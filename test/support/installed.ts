import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Finds the path of an installed program. Debian puts servers in directories outside the PATH of users. */
export function findInstalled(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
