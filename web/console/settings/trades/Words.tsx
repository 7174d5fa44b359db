import { Button, TextInput } from '@mantine/core'
import IconX from '@tabler/icons-react/icons/IconX'
import { useRef, useState } from 'react'
import type { TradeSettings } from '../../../../src/schemes/trade-settings/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { nameIn } from '../../../ui/format/trade.ts'
import settingClasses from '../Settings.module.css'
import { ownerOfWord, readWords, type TradeDraft } from './draft.ts'
import classes from './Trades.module.css'

/** Words that are shown before the others are asked for. */
const SHOWN = 24

/** The words that lead to a trade: typed ones are added, or moved from the trade that has them. */
export function Words(props: {
  base: TradeSettings
  code: string | null
  draft: TradeDraft
  onChange: (part: Partial<TradeDraft>) => void
  error: string | undefined
}) {
  const { t, lang } = useText()
  const { base, code, draft, onChange } = props
  const [typed, setTyped] = useState('')
  const [isWhole, setWhole] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const words = readWords(typed, draft.words)
  const claims = words.flatMap((word) => {
    const owner = ownerOfWord(base, word, code)
    const isMoved = draft.moved.some(
      ({ from, list, said }) => from === owner?.trade.code && list === 'words' && said === owner.said,
    )
    return owner === undefined || isMoved ? [] : [{ word, ...owner }]
  })
  const [asked, setAsked] = useState(false)
  const isAsked = asked && claims.length > 0
  const canMove = claims.every(({ said }) => said !== null)
  const add = () => {
    const moved = claims.flatMap(({ trade, said }) =>
      said === null ? [] : [{ from: trade.code, list: 'words' as const, said }],
    )
    onChange({ words: [...words, ...draft.words], moved: [...draft.moved, ...moved] })
    setTyped('')
    setAsked(false)
    field.current?.focus()
  }
  const ask = () => {
    if (claims.length > 0) setAsked(true)
    else add()
  }
  const shown = isWhole ? draft.words : draft.words.slice(0, SHOWN)
  const claimed = claims.map(({ word, trade }) =>
    t('trades.words.claimed', { word, name: nameIn(lang, trade) }),
  )
  return (
    <section className={settingClasses.card} aria-labelledby="mots">
      <h3 id="mots" className={settingClasses.cardTitle}>
        {t('trades.words', { count: draft.words.length })}
      </h3>
      <p className={settingClasses.mute}>{t('trades.words.what')}</p>
      <div className={classes.adding}>
        <TextInput
          ref={field}
          label={t('trades.words.add')}
          description={t('trades.words.add.what')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxLength={600}
          autoComplete="off"
          value={typed}
          error={isAsked ? claimed.join(' ') : props.error}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            setAsked(false)
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            ask()
          }}
        />
        <Button variant="default" disabled={words.length === 0} onClick={ask}>
          {t('trades.add')}
        </Button>
      </div>
      {isAsked && canMove && (
        <div>
          <Button variant="default" onClick={add}>
            {t('trades.words.move', { count: claims.length })}
          </Button>
        </div>
      )}
      {draft.words.length === 0 ? (
        <p className={settingClasses.mute}>{t('trades.words.none')}</p>
      ) : (
        <ul className={classes.words}>
          {shown.map((word) => (
            <li key={word}>
              <Button
                variant="default"
                size="compact-md"
                className={classes.word ?? ''}
                rightSection={<IconX size={14} aria-hidden />}
                aria-label={t('trades.remove', { name: word })}
                onClick={() =>
                  onChange({
                    words: draft.words.filter((one) => one !== word),
                    moved: draft.moved.filter(
                      ({ list, said }) => list !== 'words' || readWords(said, [word]).length > 0,
                    ),
                  })
                }
              >
                {word}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {draft.words.length > SHOWN && (
        <div>
          <Button variant="subtle" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {t(isWhole ? 'trades.words.fewer' : 'trades.words.all', { count: draft.words.length })}
          </Button>
        </div>
      )}
    </section>
  )
}
