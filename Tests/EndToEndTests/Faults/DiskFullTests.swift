import Foundation
import Testing

@Suite("Disks that are full", .enabled(if: SmallDisk.isAvailable, "takes the right to mount a tmpfs: root"))
struct DiskFullTests {
    private static let store = "disk/s.fcstore"
    private static let build = [
        "build", "photos", "--weights", "net.safetensors", "--batch-size", "4", "--store", store,
    ]
    private static let ample = 16_384

    /// Runs a command on a disk that may be too small; it succeeds, or says that space is missing. Then, with room, it
    /// succeeds. Returns whether the disk was too small.
    private func trial(_ command: [String], _ program: Program, _ disk: SmallDisk, _ context: String) throws -> Bool {
        let outcome = try program.run(command, environment: [:])
        let isFull = outcome.status != 0 || outcome.reason != .exit
        if isFull {
            outcome.expectClearError(context)
            #expect(outcome.messages.lowercased().contains("space"), "\(context): \(outcome.messages)")
        }
        try disk.resize(pages: Self.ample)
        try Scenario.run(command, program)
        return isFull
    }

    @Test("build at 20 sizes: a clear error, and with more room the same command finishes")
    func build() throws {
        let world = try SampleWorld(classes: 2, perClass: 6)
        let program = world.program
        defer { program.clean() }
        try Scenario.run(Self.build.dropLast() + ["whole.fcstore"], program)
        let expected = try Scenario.exported("whole.fcstore", program).map(\.value).sorted { $0.count < $1.count }
        var full = 0
        for pages in 1...20 {
            let disk = try SmallDisk(in: program, pages: pages)
            defer { disk.unmount() }
            full += try trial(Self.build, program, disk, "\(pages) pages") ? 1 : 0
            let found = try Scenario.exported(Self.store, program).map(\.value).sorted { $0.count < $1.count }
            #expect(found == expected, "\(pages) pages")
        }
        #expect(full >= 6, "only \(full) of 20 disks were too small")
    }

    @Test(
        "train-head and export",
        arguments: [
            ["train-head", "--output-dim", "8", "--epochs", "1", "--batch-size", "8", "--name", "h", "--replace"],
            ["export", "-o", "disk/out.npy"],
        ])
    func others(command: [String]) throws {
        let world = try SampleWorld(classes: 2, perClass: 30)
        let program = world.program
        defer { program.clean() }
        let disk = try SmallDisk(in: program, pages: Self.ample)
        defer { disk.unmount() }
        try Scenario.run(Self.build, program)
        let used = try disk.usedPages()
        var full = 0
        for free in 0...5 {
            try disk.resize(pages: used + free)
            full +=
                try trial(command + ["--store", Self.store], program, disk, "\(command[0]), \(free) pages free") ? 1 : 0
            // A run that was begun stays, to be gone on with.
            for name in ["disk/s.fcstore/heads/h", "disk/s.fcstore/runs", "disk/out.npy", "disk/out.csv"] {
                try? FileManager.default.removeItem(atPath: program.path(name))
            }
            #expect(try disk.usedPages() <= used, "\(command[0]), \(free) pages free: something was left")
        }
        #expect(full > 1)
    }

    /// Scenarios of commands that bring stores together, make them smaller and mend them; what they change lies on the disk.
    @Test("merge, gc and repair", arguments: Scenario.maintenance)
    func maintenance(scenario: Scenario) throws {
        let program = try Self.prepared(scenario)
        defer { program.clean() }
        let (files, state) = (FileManager.default, program.path("state"))
        try files.copyItem(atPath: state, toPath: program.path("before"))
        let whole = try program.run(scenario.command)
        try #require(whole.reason == .exit && scenario.statuses.contains(whole.status), "\(whole.messages)")
        let expected = try scenario.results(program)
        var (full, trials) = (0, 0)
        for free in stride(from: 0, through: LongForm.isOn ? 38 : 24, by: LongForm.isOn ? 2 : 6) {
            try files.removeItem(atPath: state)
            let disk = try SmallDisk(in: program, pages: Self.ample, at: "state")
            defer { disk.unmount() }
            for name in try files.contentsOfDirectory(atPath: program.path("before")) {
                try files.copyItem(atPath: program.path("before/\(name)"), toPath: "\(state)/\(name)")
            }
            try disk.resize(pages: try disk.usedPages() + free)
            let context = "\(scenario.name), \(free) pages free"
            let outcome = try program.run(scenario.command)
            trials += 1
            if outcome.reason != .exit || !scenario.statuses.contains(outcome.status) {
                full += 1
                outcome.expectClearError(context)
                #expect(
                    outcome.messages.lowercased().contains(/space|full/), "\(context): \(outcome.messages)")
            }
            try disk.resize(pages: Self.ample)
            let again = try program.run(scenario.command)
            #expect(scenario.statuses.contains(again.status), "\(context): \(again.messages)")
            #expect(try scenario.results(program) == expected, "\(context)")
            for store in scenario.stores { try Scenario.run(["verify", "--full", "--store", store], program) }
        }
        #expect(full > 0)
        LongForm.tell("\(scenario.name): \(trials) sizes of disks, \(full) too small")
    }

    private static func prepared(_ scenario: Scenario) throws -> Program {
        let world = try scenario.world(12)
        try FileManager.default.createDirectory(
            atPath: world.program.path("state"), withIntermediateDirectories: true)
        try scenario.prepare(world)
        return world.program
    }
}
