import type { Gap, Heliograph, Message, MessageHandler, Problem, Token } from './heliograph.d.ts';

export interface ChannelOptions<T = any> {
  /** The capability; a function is asked when one is needed. */
  token?: Token | undefined;
  /** Begin after this position. */
  since?: string | undefined;
  /** How many of the last messages are kept; by default 100. */
  keep?: number | undefined;
  onMessage?: MessageHandler<T> | undefined;
  onGap?: ((gap: Gap) => unknown) | undefined;
}

export interface ChannelView<T = any, S = any> {
  /** The last messages, oldest first. */
  readonly messages: readonly Message<T>[];
  /** The snapshot of a channel that has one. */
  readonly state: S | undefined;
  /** The last loss: fetch your state anew. */
  readonly gap: Gap | undefined;
  /** Why there is no subscription now: the server's problem, or what the token function threw. */
  readonly error: Problem | unknown | undefined;
}

/** Subscribes while the component is mounted. */
export function useChannel<T = any, S = any>(
  heliograph: Heliograph<any> | null | undefined,
  channel: string | null | undefined,
  options?: ChannelOptions<T>
): ChannelView<T, S>;
