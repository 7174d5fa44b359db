import { useSyncExternalStore } from 'react'

/** Signals that alert the user to news; stored in this browser. */
export interface Attention {
  /** Mutes all of the others for now. */
  readonly muted: boolean
  readonly sound: boolean
  /** A desktop notification, if the browser's permission was given. */
  readonly desktop: boolean
}

const KEPT_AS = 'tocsin.attention'
const USUAL: Attention = { muted: false, sound: true, desktop: false }

function readAttention(): Attention {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(KEPT_AS) ?? '{}') as Partial<Attention>) }
  } catch {
    return USUAL
  }
}

let current: Attention | undefined
const listeners = new Set<() => void>()

export function currentAttention(): Attention {
  current ??= readAttention()
  return current
}

export function setAttention(patch: Partial<Attention>): void {
  current = { ...currentAttention(), ...patch }
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(current))
  } catch {
    // The storage is denied: kept for this page only.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useAttention(): Attention {
  return useSyncExternalStore(subscribe, currentAttention)
}

let audio: AudioContext | undefined

/** Plays two short notes, the second higher. A browser without any user interaction so far stays silent. */
export function playChime(): void {
  audio ??= new AudioContext()
  const context = audio
  if (context.state === 'suspended') void context.resume()
  const notes: readonly (readonly [hertz: number, at: number])[] = [
    [660, 0],
    [880, 0.18],
  ]
  for (const [hertz, at] of notes) {
    const tone = context.createOscillator()
    const volume = context.createGain()
    const begin = context.currentTime + at
    tone.type = 'sine'
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0.0001, begin)
    volume.gain.exponentialRampToValueAtTime(0.25, begin + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.4)
    tone.connect(volume).connect(context.destination)
    tone.start(begin)
    tone.stop(begin + 0.45)
  }
}
