/** What is done to a server and what is asked of it: one class a scenario. */
@NullMarked
package io.heliograph.bench.scenario;

import org.jspecify.annotations.NullMarked;
