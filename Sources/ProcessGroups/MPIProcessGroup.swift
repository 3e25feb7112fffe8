#if MPI
    import CMPI
    import Foundation
    import Tensors

    /// All processes of an MPI program. Numbers and bytes go as MPI's types; an error of MPI's ends all processes.
    struct MPIProcessGroup: ProcessGroup {
        let size: Int
        let rank: Int
        let sizeOnThisMachine: Int

        /// MPI counts in 32 bits.
        private static let most = 1 << 30

        /// Begins MPI, which a process may do once. Throws `InputError` where it does not.
        init() throws {
            guard ftc_mpi_begin() == 0 else {
                throw InputError(
                    "MPI", "does not begin, or is for one thread only",
                    remedy: "Start the program with the mpirun of the MPI that it was built with.")
            }
            (size, rank) = (Int(ftc_mpi_size()), Int(ftc_mpi_rank()))
            sizeOnThisMachine = Int(ftc_mpi_local_size())
        }

        func sum(_ values: UnsafeMutableBufferPointer<Float>) {
            for start in stride(from: 0, to: values.count, by: Self.most) {
                let piece = values.extracting(start..<min(values.count, start + Self.most))
                ftc_mpi_sum(piece.baseAddress, Int32(piece.count))
            }
        }

        func gather(_ own: UnsafeBufferPointer<Float>, counts: [Int], into all: UnsafeMutableBufferPointer<Float>) {
            precondition(all.count <= Self.most, "\(all.count) values gathered at once")
            var places: [Int32] = [0]
            for count in counts.dropLast() { places.append(places[places.count - 1] + Int32(count)) }
            ftc_mpi_gather(own.baseAddress, Int32(own.count), all.baseAddress, counts.map(Int32.init), places)
        }

        func broadcast(_ data: Data) -> Data {
            var count = Int64(data.count)
            ftc_mpi_broadcast(&count, Int32(MemoryLayout<Int64>.size))
            var bytes = isFirst ? Array(data) : [UInt8](repeating: 0, count: Int(count))
            bytes.withUnsafeMutableBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: Self.most) {
                    let piece = bytes[start..<min(bytes.count, start + Self.most)]
                    ftc_mpi_broadcast(UnsafeMutableRawBufferPointer(rebasing: piece).baseAddress, Int32(piece.count))
                }
            }
            return Data(bytes)
        }

        func finish() { ftc_mpi_finish() }
    }
#endif
