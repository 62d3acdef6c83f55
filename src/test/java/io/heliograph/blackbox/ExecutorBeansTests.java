package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** A bean that is an executor would make Spring Boot leave out its own, which others rely on. */
class ExecutorBeansTests extends BlackBox {

  @Autowired ApplicationContext context;

  @Test
  void springBootKeepsItsOwnExecutor() {
    assertThat(context.getBeansOfType(Executor.class)).containsOnlyKeys("applicationTaskExecutor");
  }
}
