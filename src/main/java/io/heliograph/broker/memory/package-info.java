/**
 * The broker of a single node: logs on the heap, bounded in number, bytes and age. It needs no
 * server, and defines the meaning that every other broker follows.
 */
@NullMarked
package io.heliograph.broker.memory;

import org.jspecify.annotations.NullMarked;
