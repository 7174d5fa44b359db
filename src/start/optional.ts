import { AppError } from '../errors.ts'

/**
 * Loads a part of the program that needs packages which are not installed with it, since few installations use them.
 * @param setting the setting that asks for it
 * @param packages as `npm install` takes them
 * @throws AppError `config_invalid` when one is missing, with what to install
 */
export async function loadOptional<T>(
  setting: string,
  packages: readonly string[],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const values = { packages: packages.join(' ') }
    throw new AppError('config_invalid', {
      problems: [{ code: 'config.package_missing', path: setting, values }],
      cause: error,
    })
  }
}
