extension Blueprint {
    /// Adds a gate that weighs the channels of the last layer's map by what all of the map shows: mean, 1x1 convolution to
    /// `reduced` channels, activation, 1x1 convolution back, sigmoid, product (Hu, Shen and Sun, "Squeeze-and-Excitation
    /// Networks", 2018). `layers` are the names that the library has for the first convolution, the activation and the second
    /// convolution in the module `name`.
    mutating func squeezeAndExcite(
        _ name: String, channels: Int, reduced: Int, activation: Activation,
        layers: (reduce: String, activation: String, expand: String)
    ) {
        let map = last
        add("\(name).pool", .fixed(.globalPool(.average)))
        add(
            "\(name).\(layers.reduce)",
            .convolution(weight: [reduced, channels, 1, 1], hasBias: true, padding: .all(0)))
        add("\(name).\(layers.activation)", .fixed(.activation(activation)))
        add(
            "\(name).\(layers.expand)",
            .convolution(weight: [channels, reduced, 1, 1], hasBias: true, padding: .all(0)))
        add("\(name).gate", .fixed(.activation(.sigmoid)))
        add("\(name).multiply", .fixed(.arithmetic(.multiply)), inputs: [map, last])
    }
}
