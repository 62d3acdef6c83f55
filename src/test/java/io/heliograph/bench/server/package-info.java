/**
 * The servers under test, each a process of its own on a core of its own where there are two: this
 * project's, its peers, and the floor, which is the least that any server has to do.
 */
@NullMarked
package io.heliograph.bench.server;

import org.jspecify.annotations.NullMarked;
