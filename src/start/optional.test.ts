import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { loadOptional } from './optional.ts'

test('says what to install for a setting whose package is missing', async () => {
  const missing = () => import(/* @vite-ignore */ ['not', 'installed'].join('-'))
  const asNode = () =>
    missing().catch(() => Promise.reject(Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' })))
  await expect(loadOptional('TOCSIN_STRIPE_KEY', ['stripe@1'], asNode)).rejects.toMatchObject({
    code: 'config_invalid',
    problems: [
      { code: 'config.package_missing', path: 'TOCSIN_STRIPE_KEY', values: { packages: 'stripe@1' } },
    ],
  })
})

test('passes on what it loads, and any other failure', async () => {
  expect(await loadOptional('X', [], async () => 1)).toBe(1)
  await expect(loadOptional('X', [], () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})

test('the optional packages are those of the tests, in the same versions', () => {
  const { peerDependencies, peerDependenciesMeta, devDependencies } = packageJson
  expect(Object.keys(peerDependenciesMeta)).toEqual(Object.keys(peerDependencies))
  for (const [name, version] of Object.entries(peerDependencies))
    expect(devDependencies, name).toHaveProperty([name], version)
})
