import Foundation
public import Tensors

/// The processes that a launcher such as `mpirun` started together.
public enum LaunchedProcesses {
    /// The group that this process was started in; nil where it was started alone.
    ///
    /// Throws `InputError` where there are several and this program was built without MPI: each would then do all the work, and
    /// all would write to one place.
    public static func group() throws -> (any ProcessGroup)? {
        guard announcedSize(ProcessInfo.processInfo.environment) > 1 else { return nil }
        #if MPI
            return try MPIProcessGroup()
        #else
            throw InputError(
                "mpirun", "started several processes of a program that was built without MPI",
                remedy: "Build it with 'swift build -c release --traits MPI', or start one process.")
        #endif
    }

    /// How many processes the launcher says that it started, in the words of Open MPI, of those that speak PMI (MPICH, Intel MPI), and
    /// of Slurm with PMIx; 1 where none does.
    static func announcedSize(_ environment: [String: String]) -> Int {
        let names = environment["PMIX_RANK"] == nil ? launcherNames : launcherNames + ["SLURM_NTASKS"]
        return names.lazy.compactMap { environment[$0].flatMap(Int.init) }.first ?? 1
    }

    private static let launcherNames = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]
}
