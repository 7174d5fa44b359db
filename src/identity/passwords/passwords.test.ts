import { expect, test } from 'vitest'
import { passwordProblems } from './passwords.ts'

const owner = {
  mail: 'anne.roy@police.example',
  name: 'Anne-Sophie Roy',
  schemes: ['ac63', 'Alerte Commerces 63'],
}
const codesOf = (password: string) => passwordProblems(password, owner, 'newPassword').map(({ code }) => code)

test.each([
  ['motdepasse12', 'password.common'],
  ['MotDePasse!2026', 'password.common'],
  ['P@ssw0rd2026!', 'password.common'],
  ['password-password1', 'password.pattern'],
  ['marseille-soleil13', 'password.common'],
  ['Bienvenue2026!', 'password.common'],
  ['gendarmerie63', 'password.common'],
  ['tinkerbell12', 'password.common'],
  ['aaaaaaaaaaaa', 'password.pattern'],
  ['ababababababab', 'password.pattern'],
  ['azerty azerty!', 'password.pattern'],
  ['123456789012', 'password.pattern'],
  ['azertyuiop123', 'password.pattern'],
  ['poiuytreza99', 'password.pattern'],
  ['abcdefghijklmn', 'password.pattern'],
  ['anne.roy-2026-lundi', 'password.personal'],
  ['SophieGraneVole7', 'password.personal'],
  ['le-Tocsin-sonne-9', 'password.personal'],
  ['ac63 gravier lune', 'password.personal'],
  ['gravier-commerces-lune', 'password.personal'],
])('refuses %s: %s', (password, code) => {
  expect(codesOf(password)).toContain(code)
})

test.each([
  'a new long password',
  'gravier lune tambour',
  'x7k2m-pq4hd-9rtvw-2bcfz',
  'Trois chats gris 1789 ?',
  'fenêtre-ouverte-sur-Thiers',
])('accepts %s', (password) => {
  expect(codesOf(password)).toEqual([])
})
