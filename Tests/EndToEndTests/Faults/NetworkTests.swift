import Foundation
import Testing

@Suite(
    "Stores on a network file system",
    .enabled(if: FaultLibrary.isAvailable, "takes a C compiler, called cc, and a program that LD_PRELOAD reaches"))
struct NetworkTests {
    @Test("Commands say so once, and work", arguments: ["0x6969", "0xFF534D42"])
    func warned(type: String) throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        let folder = world.program.folder.resolvingSymlinksInPath().path + "/state"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let local = try FaultLibrary.environment(watching: folder)
        let remote = local.merging(["FAULTS_F_TYPE": type]) { $1 }
        let query = ["query", "photos/class-0/0.bmp", "-k", "1", "--head", "none", "--store", Scenario.store]
        for command in [Scenario.build, query, ["gc", "--apply", "--store", Scenario.store]] {
            let warned = try world.program.run(command, environment: remote)
            #expect(warned.status == 0, "\(command[0]): \(warned.messages)")
            let lines = warned.messages.split(separator: "\n").filter { $0.contains("network file system") }
            #expect(lines.count == 1, "\(command[0]): \(warned.messages)")
            #expect(lines.first?.contains(type == "0x6969" ? "NFS" : "CIFS") == true)
            let quiet = try world.program.run(command, environment: local)
            #expect(quiet.status == 0 && !quiet.messages.contains("network"), "\(command[0]): \(quiet.messages)")
            #expect(command[0] != "query" || quiet.output == warned.output)
        }
    }
}
