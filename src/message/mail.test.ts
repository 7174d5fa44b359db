import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { composeMail } from '../i18n/mail.ts'

const parts = (name: string) => ({
  key: 'mail.enrolment.approved',
  values: { scheme: 'Alerte commerces 63', chamber: 'CCI 63', name, sender: 'ALERTE63' },
  link: 'https://alerte.example/dispositif/ac63?a=1&b=2',
})

describe('a mail', () => {
  test('has the same content in both forms, in the requested language', () => {
    const fr = composeMail('fr', parts('Tabac du Pont'))
    expect(fr.subject).toBe('Alerte commerces 63\u00a0: votre commerce est inscrit')
    expect(fr.text).toContain('Tabac du Pont est inscrit.')
    expect(fr.text).toContain('La page du dispositif\u00a0:\nhttps://alerte.example/dispositif/ac63?a=1&b=2')
    expect(fr.html).toContain('<html lang="fr">')
    expect(fr.html).toContain(`<title>${fr.subject}</title>`)
    expect(fr.html).toContain('href="https://alerte.example/dispositif/ac63?a=1&amp;b=2"')
    const en = composeMail('en', parts('Tabac du Pont'))
    expect(en.html).toContain('<html lang="en">')
    expect(en.text).toContain('Tabac du Pont is enrolled.')
    expect(en.text).toContain('The scheme’s page:\n')
  })

  test('puts the annex under a line, and omits sentences without a value', () => {
    const values = { scheme: 'S', chamber: 'C', name: 'N', reason: 'hors du territoire', note: 'none' }
    const bare = composeMail('fr', { key: 'mail.enrolment.refused', values, link: 'https://x.example/' })
    expect(bare.text).not.toContain('none')
    const noted = composeMail('fr', {
      key: 'mail.enrolment.refused',
      values: { ...values, note: 'Il manque <le> SIRET.' },
      annex: 'Article 1.\n\nArticle 2.',
    })
    expect(noted.text).toContain('Il manque <le> SIRET.')
    expect(noted.html).toContain('<p>Il manque &lt;le&gt; SIRET.</p>')
    expect(noted.text).toMatch(/-----\n\nArticle 1\.\n\nArticle 2\.\n/)
    expect(noted.html).toMatch(/<hr>[\s\S]*<p>Article 1\.<\/p>\n<p>Article 2\.<\/p>/)
  })

  test("a shop's name adds no markup and no second line to the subject", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (name) => {
        const values = { scheme: name, chamber: name, name, end: '12', how: 'inbound' }
        const { subject, html } = composeMail('fr', { key: 'mail.opt_out', values })
        expect(subject).not.toMatch(/[\r\n]/)
        const tags = html.match(/<[a-z!/][^>]*>/g) ?? []
        const bare = composeMail('fr', {
          key: 'mail.opt_out',
          values: { ...values, scheme: 'x', chamber: 'x', name: 'x' },
        })
        // Empty lines in a name make paragraphs and nothing else.
        const others = (list: readonly string[]) => list.filter((tag) => !/^<\/?p>$/.test(tag))
        expect(others(tags)).toEqual(others(bare.html.match(/<[a-z!/][^>]*>/g) ?? []))
      }),
    )
  })
})
