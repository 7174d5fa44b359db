import { type DataTag, hashKey, type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { toast } from '../ui/toasts/toast.ts'
import { isAboutFields, problemAt, problemsByPath } from './problems.ts'

type TaggedKey<Data> = DataTag<QueryKey, Data, Error>

/** A form of `@mantine/form`, whose fields have the paths that the server names. */
interface Form {
  readonly values: object
  readonly setErrors: (errors: Record<string, string>) => void
}

interface ActionOptions<Answer, Input> {
  /** The session of the request, `console` by default: an answer that it has expired ends this one only. */
  readonly session?: 'console' | 'portal' | undefined
  /** Its fields show the problems that the server reports for them, and the first one gets the focus. */
  readonly form?: Form
  /** Paths of the fields that show their problems themselves; by default those of the form. */
  readonly fields?: readonly string[]
  /** Key of the query that the answer becomes the data of. */
  readonly stores?: TaggedKey<Answer> | ((answer: Answer, input: Input) => TaggedKey<Answer>)
  /** Keys, or beginnings of keys, of queries to read again after success. */
  readonly refresh?: readonly QueryKey[] | ((answer: Answer, input: Input) => readonly QueryKey[])
  /** Queries to read again after a failure: a refusal may mean that the screen is out of date. */
  readonly refreshAfterFailure?: readonly QueryKey[] | ((error: Error) => readonly QueryKey[])
  /** Text of the notification of success; undefined: none. */
  readonly success?: string | ((answer: Answer, input: Input) => string | undefined)
  readonly onSuccess?: (answer: Answer, input: Input) => unknown
  /** Called after success, once the queries of `refresh` have been read. Until then the action is pending. */
  readonly onRefreshed?: (answer: Answer, input: Input) => unknown
  readonly onError?: (error: Error, input: Input) => unknown
  readonly onSettled?: () => unknown
}

/**
 * Sends an action of the user to the server, and updates what is on screen: the data that changed and a notification. A second
 * click that comes before the screen shows the first one sends nothing.
 * @returns the mutation with `failure`, the error unless the fields show all of it, and `problemAt`, the problem of a field
 */
export function useAction<Answer, Input = void>(
  send: (input: Input) => Promise<Answer>,
  options: ActionOptions<Answer, Input> = {},
) {
  const client = useQueryClient()
  const { session, form, stores, refresh, refreshAfterFailure, success } = options
  const fields = options.fields ?? Object.keys(form?.values ?? {})
  const refreshAll = (keys: readonly QueryKey[]) =>
    Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })))
  const mutation = useMutation<Answer, Error, Input>({
    ...(session && { mutationKey: [session] }),
    // Without a network it fails and says so, instead of waiting unseen and being sent once the user has gone on.
    networkMode: 'always',
    mutationFn: (input) => {
      form?.setErrors({})
      return send(input)
    },
    onSuccess: async (answer, input) => {
      const stored = typeof stores === 'function' ? stores(answer, input) : stores
      if (stored !== undefined) client.setQueryData<unknown>(stored, answer)
      const notification = typeof success === 'function' ? success(answer, input) : success
      if (notification !== undefined) void toast(notification)
      await options.onSuccess?.(answer, input)
      const refreshed = refreshAll(keysOf(refresh, answer, input))
      if (options.onRefreshed !== undefined) {
        await refreshed
        await options.onRefreshed(answer, input)
      }
    },
    onError: async (error, input) => {
      form?.setErrors(problemsByPath(error))
      await options.onError?.(error, input)
      // The failure is shown at once: without a network, reading fails too, after seconds.
      void refreshAll(keysOf(refreshAfterFailure, error))
    },
    onSettled: () => options.onSettled?.(),
  })
  /** Key of the input that was sent since the screen was last drawn; null for none. */
  const sent = useRef<string | null>(null)
  useEffect(() => {
    sent.current = null
  })
  const { mutate: start } = mutation
  const mutate: typeof start = useCallback(
    (...call) => {
      const key = hashKey([call[0]])
      if (sent.current === key) return
      sent.current = key
      start(...call)
    },
    [start],
  )
  const { error } = mutation
  const hasForm = form !== undefined
  useEffect(() => {
    if (hasForm) focusFirstProblem(error)
  }, [hasForm, error])
  return {
    ...mutation,
    mutate,
    failure: isAboutFields(error, fields) ? null : error,
    problemAt: (path: string) => problemAt(error, path),
  }
}

/** Focuses the first field that shows a problem, unless the user has gone on outside its form. */
function focusFirstProblem(error: Error | null): void {
  const problems = problemsByPath(error)
  const { activeElement } = document
  const isLeft = (field: Element) =>
    activeElement !== document.body &&
    (field.closest('[role=dialog]') ?? field.closest('form'))?.contains(activeElement) !== true
  const fields = document.querySelectorAll<HTMLElement>('[data-path][aria-invalid="true"]')
  const wrong = [...fields].find((one) => Object.hasOwn(problems, one.dataset.path ?? '') && !isLeft(one))
  wrong?.focus()
}

export type Action<Answer, Input = void> = ReturnType<typeof useAction<Answer, Input>>

function keysOf<Args extends unknown[]>(
  keys: readonly QueryKey[] | ((...args: Args) => readonly QueryKey[]) | undefined,
  ...args: Args
): readonly QueryKey[] {
  return typeof keys === 'function' ? keys(...args) : (keys ?? [])
}
