import { Loader, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RegisterAnswer } from '../../../../src/imports/by-hand/contract.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import { problemAt } from '../../../api/problems.ts'
import { useText } from '../../../ui/format/text.ts'
import { useSettled } from '../../../ui/useSettled.ts'
import classes from './MemberForm.module.css'
import { registerQuery } from './queries.ts'

type Found = RegisterAnswer['businesses'][number]

/** A field that finds a business in the State's register, by SIRET or name; Enter takes the first one found. */
export function RegisterField(props: {
  schemeId: string
  isFirst: boolean
  onPick: (business: Found) => void
  /** Called with the typed text when the register finds nothing. */
  onUnknown: (typed: string) => void
}) {
  const { t } = useText()
  const [typed, setTyped] = useState('')
  const [picked, setPicked] = useState<string | null>(null)
  const settled = useSettled(typed.trim(), 350)
  // An incomplete SIRET is not looked up.
  const isHalf = /^[\d\s.]+$/.test(settled) && settled.replace(/\D/g, '').length < 14
  const found = useQuery({
    ...registerQuery(props.schemeId, settled),
    enabled: settled.length >= 3 && !isHalf,
  })
  const businesses = picked === settled ? [] : (found.data?.businesses ?? [])
  const pick = (business: Found) => {
    setPicked(settled)
    props.onPick(business)
  }
  const keep = () => {
    if (settled !== '' && picked !== settled && businesses.length === 0) props.onUnknown(typed.trim())
  }
  const outcome = found.data?.outcome
  const status =
    picked === settled && picked !== ''
      ? t('memberForm.register.filled')
      : outcome === undefined || outcome === 'found'
        ? ''
        : t(`memberForm.register.${outcome}`)
  return (
    <div className={classes.register}>
      <TextInput
        label={t('memberForm.register')}
        description={t('memberForm.register.hint')}
        autoComplete="off"
        maxLength={100}
        {...(props.isFirst && { 'data-autofocus': true })}
        value={typed}
        error={problemAt(found.error, 'siret') ?? false}
        rightSection={found.isFetching ? <Loader size={16} /> : null}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = businesses
          if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return
          event.preventDefault()
          if (first !== undefined) pick(first)
          else keep()
        }}
        onBlur={keep}
      />
      {businesses.length > 0 && (
        <ul className={classes.found} aria-label={t('memberForm.register.found')}>
          {businesses.map((business) => (
            <li key={business.siret}>
              <button type="button" onClick={() => pick(business)}>
                <b>{business.name}</b>
                <span>
                  {[
                    business.address,
                    business.outside ? t('memberForm.register.outside') : business.commune?.name,
                    readableSiret(business.siret),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p role="status" className={classes.said}>
        {status}
      </p>
    </div>
  )
}
