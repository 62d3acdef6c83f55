/**
 * Questions that no single node can answer: who is connected, who follows what, close these. They
 * are asked to all nodes within a deadline, and nothing about the others is ever kept.
 */
@NullMarked
package io.heliograph.cluster;

import org.jspecify.annotations.NullMarked;
