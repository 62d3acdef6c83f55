/**
 * The rules of the house as code, and beside them a sample that breaks each one. {@code
 * ArchitectureTests} holds the rules against both.
 */
@NullMarked
package io.heliograph.architecture;

import org.jspecify.annotations.NullMarked;
