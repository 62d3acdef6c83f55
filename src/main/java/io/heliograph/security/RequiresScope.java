package io.heliograph.security;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The scope that a caller's API key needs for a controller, or for one of its methods. A method
 * under {@code /v1} without it is forbidden for all callers, unless its path is public.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface RequiresScope {

  Scope value();
}
