/**
 * Who is here: connected clients, what they follow, and what they are still owed. Knows this node
 * only, and no wire protocol.
 */
@NullMarked
package io.heliograph.session;

import org.jspecify.annotations.NullMarked;
