/** One thread computes; all the others are the virtual machine's. */
public class Single {
    public static void main(String[] args) {
        long n = 0;
        for (long i = 0; i < 300_000_000; i++)
            n += i % 7;
        System.out.println(n);
    }
}
