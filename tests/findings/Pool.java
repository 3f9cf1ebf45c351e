import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Two threads of a pool work off twenty jobs that share nothing. */
public class Pool {
    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        List<Callable<Long>> jobs = new ArrayList<>();
        for (int j = 0; j < 20; j++)
            jobs.add(() -> {
                long n = 0;
                for (long i = 0; i < 15_000_000; i++)
                    n += i % 7;
                return n;
            });
        pool.invokeAll(jobs);
        pool.shutdown();
    }
}
