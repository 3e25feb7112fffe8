/// Decides which items make up the batches of an epoch.
public protocol BatchSampler: Sendable {
    /// The batches of an epoch (counted from 0), each a list of item indices. The same sampler gives the same batches for
    /// the same epoch, whichever epochs were asked for before.
    func batches(epoch: Int) -> [[Int]]
}
