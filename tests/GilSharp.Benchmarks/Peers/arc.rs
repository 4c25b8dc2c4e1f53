// Rust's counted handles, measured as RefCountRatios measures ours: the best of a few rounds, one line for each figure.
use std::hint::black_box;
use std::rc::Rc;
use std::sync::{Arc, Barrier};
use std::time::Instant;

const ROUNDS: usize = 7;
const OPERATIONS: u32 = 5_000_000;

fn best(mut round: impl FnMut()) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed().as_nanos() as f64 / f64::from(OPERATIONS)
        })
        .fold(f64::MAX, f64::min)
}

fn clone_and_drop(shared: &Arc<u64>) {
    for _ in 0..OPERATIONS {
        drop(black_box(Arc::clone(black_box(shared))));
    }
}

fn main() {
    let arc = Arc::new(1u64);
    println!("arc {:.2}", best(|| clone_and_drop(&arc)));

    let rc = Rc::new(1u64);
    let rc_time = best(|| {
        for _ in 0..OPERATIONS {
            drop(black_box(Rc::clone(black_box(&rc))));
        }
    });
    println!("rc {:.2}", rc_time);

    let contended = best(|| {
        let start = Arc::new(Barrier::new(2));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (arc, start) = (Arc::clone(&arc), Arc::clone(&start));
                std::thread::spawn(move || {
                    start.wait();
                    clone_and_drop(&arc);
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    println!("arc-two-threads {:.2}", contended);
}
