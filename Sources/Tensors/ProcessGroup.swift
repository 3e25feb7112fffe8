public import Foundation

/// Processes that work on one problem, each on its part: a process group of `torch.distributed`, a communicator of MPI.
///
/// All processes make the same calls in the same order; a call returns when all have made it. What a call gives is the same in
/// every process, bit by bit.
public protocol ProcessGroup: Sendable {
    /// How many processes there are, 1 or more.
    var size: Int { get }
    /// This process's number, from 0.
    var rank: Int { get }
    /// How many of them run on this machine.
    var sizeOnThisMachine: Int { get }

    /// Replaces each value by the sum of the processes' values at its place (all-reduce).
    func sum(_ values: UnsafeMutableBufferPointer<Float>)
    /// Puts the processes' values one after the other, by rank, into `all` (all-gather); `counts` has how many each brings.
    func gather(_ own: UnsafeBufferPointer<Float>, counts: [Int], into all: UnsafeMutableBufferPointer<Float>)
    /// What process 0 gives to `data`; the others' is not looked at.
    func broadcast(_ data: Data) -> Data
    /// Ends the work together: returns when all came here. No other call may follow.
    func finish()
}

extension ProcessGroup {
    /// Whether this is process 0, which speaks and writes for all.
    public var isFirst: Bool { rank == 0 }

    /// The part of `count` things that falls to the process `rank`: consecutive ones, as many as the others' or one more.
    public func share(of count: Int, rank: Int) -> Range<Int> { count * rank / size..<count * (rank + 1) / size }

    /// The sum of the processes' matrices, which have one shape.
    public func sum(_ matrix: inout Matrix) { matrix.withUnsafeMutableElements { sum($0) } }

    /// Whether `flag` is set in any process.
    public func any(_ flag: Bool) -> Bool {
        var total = Matrix(rows: 1, columns: 1, repeating: flag ? 1 : 0)
        sum(&total)
        return total[0, 0] > 0
    }

    /// Throws `InputError` about `what` in every process where `fingerprint` is not the same in all.
    public func requireSame(_ fingerprint: Fingerprint, _ what: String) throws {
        let isSame = broadcast(Data(fingerprint.bytes)) == Data(fingerprint.bytes)
        guard any(!isSame) else { return }
        throw InputError(
            "process \(rank) of \(size)",
            isSame ? "works with others that have other \(what)" : "has other \(what) than process 0",
            remedy: "Give all the same options, store and program, on machines with the same kind of processor.")
    }
}
