import IconDownload from '@tabler/icons-react/icons/IconDownload'
import type { ReactElement } from 'react'
import { ResponsiveContainer } from 'recharts'
import { useText } from '../../ui/format/text.ts'
import classes from './StatisticsPage.module.css'

/** Shows a chart with its figures as a table and as a file; screen readers get the table only. */
export function Figure(props: {
  title: string
  hint?: string
  csv: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  /** Whether there is nothing to draw; when absent, an empty list of rows means so. */
  isEmpty?: boolean
  height: number
  children: ReactElement
}) {
  const { t } = useText()
  const { isEmpty = props.rows.length === 0 } = props
  return (
    <section className={classes.figure} aria-label={props.title}>
      <div className={classes.caption}>
        <h2>{props.title}</h2>
        {!isEmpty && (
          <a
            href={props.csv}
            download
            className={classes.csv}
            aria-label={t('figures.csv', { title: props.title })}
          >
            <IconDownload size={15} aria-hidden /> CSV
          </a>
        )}
      </div>
      {props.hint !== undefined && <p className={classes.hint}>{props.hint}</p>}
      {isEmpty ? (
        <p className={classes.hint}>{t('figures.nothing')}</p>
      ) : (
        <>
          <div aria-hidden className={classes.drawing}>
            <ResponsiveContainer width="100%" height={props.height}>
              {props.children}
            </ResponsiveContainer>
          </div>
          <details className={classes.numbers}>
            <summary>{t('figures.show')}</summary>
            <div className={classes.scroll}>
              <table>
                <thead>
                  <tr>
                    {props.columns.map((column) => (
                      <th key={column} scope="col">
                        {column}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {props.rows.map(([name, ...cells]) => (
                    <tr key={name}>
                      <th scope="row">{name}</th>
                      {cells.map((cell, index) => (
                        <td key={props.columns[index + 1]}>{cell}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  )
}
