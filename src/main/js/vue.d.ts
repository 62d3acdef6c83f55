import type { MaybeRefOrGetter, ShallowRef } from 'vue';
import type { Gap, Heliograph, Message, Problem } from './heliograph.d.ts';
import type { ChannelOptions } from './react.d.ts';

/** Subscribes until the scope ends. */
export function useChannel<T = any, S = any>(
  heliograph: MaybeRefOrGetter<Heliograph<any> | null | undefined>,
  channel: MaybeRefOrGetter<string | null | undefined>,
  options?: ChannelOptions<T>
): {
  /** The last messages, oldest first. */
  messages: ShallowRef<readonly Message<T>[]>;
  /** The snapshot of a channel that has one. */
  state: ShallowRef<S | undefined>;
  /** The last loss: fetch your state anew. */
  gap: ShallowRef<Gap | undefined>;
  /** Why there is no subscription now. */
  error: ShallowRef<Problem | unknown | undefined>;
};
