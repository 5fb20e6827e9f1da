require "erb"

# Texts of the letters, filled in with ERB.
module Template
  FOLDER = File.join(__dir__, "..", "letters")

  class MissingTemplate < StandardError; end

  def self.render(name, **values)
    file = File.join(FOLDER, "#{name}.erb")
    raise MissingTemplate, "no letter named #{name}" unless File.exist?(file)

    ERB.new(File.read(file)).result_with_hash(values)
  end
end
