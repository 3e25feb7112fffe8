import Testing

@testable import ProcessGroups

@Suite("Processes that a launcher started")
struct LaunchedProcessesTests {
    @Test(
        "are counted as the launcher says",
        arguments: [
            ([:], 1), (["OMPI_COMM_WORLD_SIZE": "4"], 4), (["PMI_SIZE": "2"], 2),
            (["SLURM_NTASKS": "8"], 1), (["SLURM_NTASKS": "8", "PMIX_RANK": "3"], 8),
            (["OMPI_COMM_WORLD_SIZE": "1", "SLURM_NTASKS": "8", "PMIX_RANK": "0"], 1), (["PMI_SIZE": "many"], 1),
        ] as [([String: String], Int)])
    func count(_ environment: [String: String], _ expected: Int) {
        #expect(LaunchedProcesses.announcedSize(environment) == expected)
    }
}
